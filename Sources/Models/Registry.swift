public import Checkpoints

/// The architectures we know, by the `model_type` of their settings.
let families: [String: any LanguageModel.Type] = [
    "PanguEmbedded": Llama.self,
    "PanguProMoE": PanguProMoE.self,
    "baichuan": Baichuan2.self,
    "chatglm": ChatGLM.self,
    "deepseek_v2": DeepSeek.self,
    "deepseek_v3": DeepSeek.self,
    "ernie4_5": Ernie45.self,
    "ernie4_5_moe": Ernie45.self,
    "gemma2": Gemma2.self,
    "gemma3_text": Gemma3.self,
    "glm": GLM4.self,
    "glm4": GLM4.self,
    "gpt2": GPT2.self,
    "gpt_oss": GPTOSS.self,
    "hunyuan_v1_dense": Hunyuan.self,
    "hunyuan_v1_moe": Hunyuan.self,
    "iflytekspark": IFlytekSpark.self,
    "internlm2": InternLM2.self,
    "llama": Llama.self,
    "mamba2": Mamba2.self,
    "minicpm": MiniCPM.self,
    "mistral": Llama.self,
    "mixtral": Mixtral.self,
    "phi3": Phi3.self,
    "qwen2": Qwen2.self,
    "qwen3": Qwen3.self,
    "qwen3_moe": Qwen3MoE.self,
    "skywork": Llama.self,
    "smollm3": SmolLM3.self,
    "zhinao": Zhinao.self,
]

/// The names of the architectures we know.
public var knownArchitectures: [String] { families.keys.sorted() }

/// Builds the network that `settings` describe, from `weights`.
public func model(_ settings: Settings, _ weights: Weights) throws -> any LanguageModel {
    let type: String = try settings("model_type")
    guard let family = families[type] else {
        throw ModelError.unknownArchitecture(type, known: knownArchitectures)
    }
    return try family.init(settings, weights)
}

/// What keeps a checkpoint from becoming a model.
public enum ModelError: Error, CustomStringConvertible {
    case unknownArchitecture(String, known: [String])
    case unsupported(String)

    public var description: String {
        switch self {
        case .unknownArchitecture(let name, let known):
            "the architecture “\(name)” is not known here; known are \(known.joined(separator: ", "))"
        case .unsupported(let what): what
        }
    }
}

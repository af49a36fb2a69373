import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Golden networks that `scripts/golden.py ggufs` has written as the reference's converter would.
private let converted = [
    "baichuan2", "deepseek-v2", "deepseek-v3", "ernie45", "ernie45-moe", "gemma2", "glm4", "glm4-first", "gpt-oss",
    "hunyuan", "hunyuan-moe", "internlm2", "minicpm", "mistral", "mixtral", "pangu-embedded", "phi3", "phi3-long",
    "qwen3-moe",
]

@Suite struct GGUFFamilyTests {
    /// What a tiny network has otherwise than every published one, which files therefore do not say.
    private static let unsaid: [String: Settings] = [
        "gemma2": ["query_pre_attn_scalar": 24], "gpt-oss": ["swiglu_limit": 1.5], "mistral": ["sliding_window": 8],
    ]

    @Test(arguments: converted)
    func logitsAreThoseOfTheSameNetworkWithItsOwnNames(name: String) throws {
        let network = try Network(name), file = try GGUFFile(path: Self.path(name))
        var settings = file.settings
        for (key, value) in Self.unsaid[name]?.values ?? [:] { settings[key] = value }
        if case .object(var scaling)? = settings["rope_scaling"], name == "deepseek-v3" {
            scaling["mscale"] = 1.0
            settings["rope_scaling"] = .object(scaling)
        }
        let model = try Models.model(settings, Weights(file.weights))
        let twin = try network.model { $0.shape.count > 1 && $0.shape[0] > 1 ? $0.stored(as: .bfloat16) : $0 }
        #expect(model.cacheShape == twin.cacheShape)
        for prompt in ["a", "b"] {
            let batch = Batch(tokens: network.tokens("\(prompt).tokens"), for: model.cacheShape)
            expectClose(model(batch), twin(batch), absolute: 1e-5, relative: 1e-5)
        }
    }

    /// What is listed is there, as it is listed.
    @Test(arguments: converted)
    func everyEntryCanBeRead(name: String) throws {
        let file = try GGUFFile(path: Self.path(name))
        for entry in file.weights.entries {
            let tensor = try #require(try file.weights.tensor(entry.name, nil), "\(entry.name)")
            #expect(tensor.dtype == entry.dtype && Array(tensor.shape) == entry.shape, "\(entry.name)")
        }
    }

    private static func path(_ name: String) -> String { Golden.folder.appending(path: "Models/\(name).gguf").path }
}

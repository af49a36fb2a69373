import Checkpoints
import Foundation
import Tensors
import Testing

/// Folders that may hold real checkpoints: `YUYAN_MODELS`, else the store.
private let folders = [
    ProcessInfo.processInfo.environment["YUYAN_MODELS"],
    NSHomeDirectory() + "/.yuyan/models",
].compactMap { $0 }

func realFile(_ name: String) -> String? {
    folders.map { $0 + "/" + name }.first { FileManager.default.fileExists(atPath: $0) }
}

struct RealFile: Sendable, CustomTestStringConvertible {
    let name: String, modelType: String
    let tensors: Int, vocabulary: Int
    let types: [String: Int]

    var testDescription: String { name }

    static let all = [
        RealFile(
            name: "SmolLM2-135M-Instruct.Q4_1.gguf",
            modelType: "llama",
            tensors: 272,
            vocabulary: 49_152,
            types: ["Q4_1": 210, "Q8_0": 1, "F32": 61]
        ),
        RealFile(
            name: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            modelType: "qwen2",
            tensors: 291,
            vocabulary: 151_936,
            types: ["Q5_0": 133, "Q8_0": 13, "Q6_K": 12, "Q4_K": 12, "F32": 121]
        ),
        RealFile(
            name: "gemma-3-270m-q4_k_m.gguf",
            modelType: "gemma3_text",
            tensors: 236,
            vocabulary: 262_144,
            types: ["Q5_0": 81, "Q4_K": 27, "Q6_K": 9, "Q8_0": 10, "F32": 109]
        ),
    ]
}

@Suite(.enabled(if: RealFile.all.contains { realFile($0.name) != nil }, "no real files in YUYAN_MODELS or the store"))
struct RealFileTests {
    @Test(arguments: RealFile.all.filter { realFile($0.name) != nil })
    func opensAndTranslates(real: RealFile) throws {
        let file = try GGUFFile(path: #require(realFile(real.name)))
        #expect(file.tensors.count == real.tensors)
        #expect(Dictionary(file.tensors.map { ($0.type.name, 1) }, uniquingKeysWith: +) == real.types)
        #expect(try file.settings("model_type") == real.modelType)
        #expect(try file.settings("vocab_size") == real.vocabulary)
        #expect(file.metadata["tokenizer.ggml.tokens"]?.strings?.count == real.vocabulary)
        let width = try file.settings.positive("hidden_size")
        let embedding = try Weights(file.weights)["model"]["embed_tokens"].tensor("weight", [real.vocabulary, width])
        #expect(embedding.dtype.isQuantized)
    }

    /// The quickest of several openings, since another process may hold the machine.
    @Test(arguments: RealFile.all.filter { realFile($0.name) != nil })
    func opensAtOnce(real: RealFile) throws {
        let path = try #require(realFile(real.name))
        let best = try (0..<5).map { _ in try ContinuousClock().measure { _ = try GGUFFile(path: path) } }.min()
        #if DEBUG
        #expect(try #require(best) < .seconds(2))
        #else
        #expect(try #require(best) < .milliseconds(40))
        #endif
    }
}

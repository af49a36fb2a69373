import Checkpoints
import Foundation
import Testing

/// `yuyan show` of what is no GGUF file, and what other commands say of models that only read.
@Suite struct ShowTests {
    private static func golden(_ name: String) -> String {
        URL(filePath: #filePath).appending(path: "../../Golden/\(name)").standardized.path
    }

    private struct Report: Decodable {
        struct Model: Decodable { let kind: String?, path: String?, bytes: Int, problem: String? }
        let model: Model
        let architecture, pooling: String?, layers, width, heads, vocabulary, contextLength: Int?
        let hasChatTemplate, ranks: Bool?, tensorTypes: [String: Int]?
    }

    private static func report(_ model: String) throws -> Report {
        let outcome = try Executable().run(["show", model, "--json"])
        try #require(outcome.status == 0, "\(outcome.complaints)")
        return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    }

    @Test func aFolderOfAnEncoderTellsWhatItMakes() throws {
        let report = try Self.report(Self.golden("Bundles/bert"))
        #expect(report.model.kind == "embedding" && report.model.problem == nil && report.model.bytes > 0)
        #expect(report.architecture == "bert" && report.layers == 2 && report.width == 32 && report.heads == 2)
        #expect(report.vocabulary == 1200 && report.ranks == false && report.pooling != nil)
        #expect(report.hasChatTemplate == nil && report.tensorTypes?.isEmpty == false)
        let told = try Executable().run(["show", Self.golden("Bundles/bert")])
        #expect(told.output.contains("32 numbers") && told.output.contains("yuyan embed"), "\(told.output)")
    }

    @Test func aFolderOfAModelThatWritesTellsWhatAFileOfItDoes() throws {
        let path = Self.golden("Bundles/llama"), report = try Self.report(path)
        #expect(report.model.kind == "chat" && report.model.problem == nil && report.model.path == path)
        #expect(report.architecture == "llama" && report.hasChatTemplate == true && report.ranks == nil)
        let template = try Executable().run(["show", path, "--template"])
        let written = try String(contentsOf: URL(filePath: path + "/chat_template.jinja"), encoding: .utf8)
        #expect(template.status == 0 && template.output == written + "\n", "\(template.complaints)")
    }

    @Test func anEncoderHasNoTemplate() throws {
        let outcome = try Executable().run(["show", Self.golden("Bundles/bert"), "--template"])
        #expect(outcome.status == 65 && outcome.complaints.contains("makes vectors"), "\(outcome.complaints)")
    }

    /// The store keeps a folder's files beside each other, under names that begin alike.
    @Test func aFileOfTheStoreWithItsSettingsBesideItIsShown() throws {
        let place = try Executable(), models = place.folder.appending(path: "models")
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        let files = ["model.safetensors": "tiny.safetensors", "config.json": "tiny.config.json"]
        for (name, kept) in files.merging(["tokenizer.json": "tiny.tokenizer.json"], uniquingKeysWith: { $1 }) {
            let source = URL(filePath: Self.golden("Bundles/bert/\(name)"))
            try FileManager.default.copyItem(at: source, to: models.appending(path: kept))
        }
        let outcome = try place.run(["show", models.appending(path: "tiny.safetensors").path, "--json"])
        try #require(outcome.status == 0, "\(outcome.complaints)")
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        #expect(report.model.kind == "embedding" && report.width == 32 && report.model.problem == nil)
        try FileManager.default.removeItem(at: models.appending(path: "tiny.config.json"))
        let bare = try place.run(["show", models.appending(path: "tiny.safetensors").path])
        #expect(bare.status == 65 && bare.complaints.contains("without its config.json"), "\(bare.complaints)")
    }

    @Test(arguments: ["run", "chat", "bench"])
    func whatOnlyReadsIsSentToTheRightCommand(command: String) throws {
        let hello = command == "run" ? ["Hello"] : []
        let outcome = try Executable().run([command, Self.golden("Bundles/bert")] + hello)
        #expect(outcome.status == 65 && outcome.complaints.contains("yuyan embed"), "\(outcome.complaints)")
    }

    private static let whole: GGUFMetadata = [
        "general.architecture": .string("llama"), "llama.embedding_length": .uint32(32),
        "llama.block_count": .uint32(1), "llama.context_length": .uint32(64),
        "llama.feed_forward_length": .uint32(64), "llama.attention.head_count": .uint32(2),
        "llama.vocab_size": .uint32(20), "tokenizer.ggml.model": .string("gpt2"),
        "tokenizer.ggml.pre": .string("qwen2"), "tokenizer.ggml.tokens": .array(GGUFArray(["a", "b"])),
        "tokenizer.ggml.token_type": .array(GGUFArray([Int32(1), 1])),
        "tokenizer.ggml.merges": .array(GGUFArray(["a b"])),
    ]

    private static let damage: [(key: String, value: GGUFValue?, words: String)] = [
        ("general.architecture", nil, "does not say “general.architecture”"),
        ("general.architecture", .uint32(1), "“general.architecture” should be text"),
        ("llama.attention.head_count", nil, "num_attention_heads (llama.attention.head_count)"),
        ("llama.embedding_length", .string("wide"), "hidden_size (llama.embedding_length) is “wide”"),
        ("tokenizer.ggml.tokens", nil, "does not say “tokenizer.ggml.tokens”"),
        ("tokenizer.ggml.tokens", .array(GGUFArray([Int32(1), 2])), "ggml.tokens” should be a list of texts"),
        ("tokenizer.ggml.token_type", .array(GGUFArray([Int32(1), 1, 1])), "2 tokens but 3 token types"),
    ]

    /// In the words of the file, and with its numbers.
    @Test(arguments: damage.indices) func whatIsWrongWithAFileIsToldInItsOwnWords(index: Int) throws {
        let place = try Executable(), damage = Self.damage[index]
        var metadata = Self.whole
        metadata[damage.key] = damage.value
        try GGUFWriter(metadata).write(to: place.folder.appending(path: "damaged.gguf").path)
        let outcome = try place.run(["run", "./damaged.gguf", "Hello"])
        #expect(outcome.status == 65 && outcome.complaints.contains(damage.words), "\(outcome.complaints)")
    }

    private static let impossible = [
        ["--temperature", "-1"], ["--temperature", "3"], ["--temperature", "nan"], ["--top-p", "1.5"],
        ["--top-k", "-3"], ["--min-p", "2"], ["--repetition-penalty", "0"], ["--max-tokens", "0"],
        ["--max-tokens", "-3"], ["--stop", ""],
    ]

    @Test(arguments: impossible) func aFlagThatCannotBeMeantIsNamed(flag: [String]) throws {
        let outcome = try Executable().run(["run", "nowhere", "Hello"] + flag)
        #expect(outcome.status == 64 && outcome.complaints.contains("\(flag[0]) must be"), "\(outcome.complaints)")
    }
}

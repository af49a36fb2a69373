import Foundation
import Testing

/// Adapters by the names that a server knows them by, for commands.
@Suite struct NamedAdapterTests {
    private struct Measured: Decodable { let model: String, natsPerToken: Double, tokens: Int }
    private struct Listed: Decodable { let name: String, kind, base, problem: String? }

    private static let model = """
        model:
          new: {model_type: llama, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2}
          tokenizer: {type: bpe, size: 300}
        data: {train: poem.jsonl, validation_share: 0}
        batch: {tokens: 128, context: 32, precision: float32}
        steps: 4
        """
    private static let adapter = """
        model: {base: poem}
        data: {train: poem.jsonl, validation_share: 0}
        adapter: {type: lora, rank: 4}
        optimizer: {rate: 0.03}
        batch: {tokens: 128, context: 32, precision: float32}
        steps: 12
        """

    /// A run that made a model, and one that made an adapter over it.
    private static func place() throws -> Executable {
        let place = try Executable()
        try place.write(model, to: "poem.yaml")
        try place.write(adapter, to: "song.yaml")
        let lines = (0..<20).map { #"{"text": "床前明月光，疑是地上霜。\#($0) and so on"}"# }
        try place.write(lines.joined(separator: "\n"), to: "poem.jsonl")
        for run in ["poem", "song"] {
            let outcome = try place.run(["train", run + ".yaml"])
            try #require(outcome.status == 0, "\(outcome.complaints)")
        }
        return place
    }

    private static func measure(_ model: String, _ place: Executable) throws -> Measured {
        let outcome = try place.run(["perplexity", model, "poem.jsonl", "--json"])
        try #require(outcome.status == 0, "\(outcome.complaints)")
        return try JSONDecoder().decode(Measured.self, from: Data(outcome.output.utf8))
    }

    /// By both its names it is what it is when it is merged, and not what the model alone is.
    @Test func anAdapterIsMeasuredOverItsModel() throws {
        let place = try Self.place(), alone = try Self.measure("poem", place)
        #expect(try place.run(["convert", "song", "merged", "--type", "float32"]).status == 0)
        let merged = try Self.measure("merged", place)
        #expect(merged.natsPerToken < alone.natsPerToken - 0.01)
        for name in ["song", "poem:song", "poem:" + place.folder.path + "/runs/song/model"] {
            let adapted = try Self.measure(name, place)
            #expect(
                abs(adapted.natsPerToken - merged.natsPerToken) < 1e-4 && adapted.tokens == merged.tokens,
                "\(name)"
            )
            #expect(adapted.model == name)
        }
    }

    @Test func anAnswerGoesThroughTheAdapter() throws {
        let place = try Self.place(), options = ["床前", "--raw", "--seed", "7", "--max-tokens", "24"]
        #expect(try place.run(["convert", "song", "merged", "--type", "float32"]).status == 0)
        let merged = try place.run(["run", "merged"] + options),
            adapted = try place.run(["run", "poem:song"] + options)
        #expect(adapted.status == 0, "\(adapted.complaints)")
        #expect(!merged.output.isEmpty && adapted.output == merged.output)
    }

    @Test func adaptersAreListedUnderTheirModel() throws {
        let place = try Self.place()
        let folder = place.folder.appending(path: "models/broken")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try place.write("{}", to: "models/broken/adapter_config.json")
        let outcome = try place.run(["list", "--json"])
        let listed = try JSONDecoder().decode([Listed].self, from: Data(outcome.output.utf8))
        let song = try #require(listed.first { $0.name.hasSuffix("song") })
        #expect(song.kind == "adapter" && song.problem == nil)
        #expect(song.base?.hasSuffix("runs/poem/model") == true)
        #expect(try #require(listed.first { $0.name == "broken" }).problem?.contains("lack r") == true)
        let table = try place.run(["list"])
        #expect(table.output.contains("song") && table.output.contains("adapter"))
    }

    @Test func anAdapterThatIsNotThereIsNamedWithThoseThatAre() throws {
        let place = try Self.place(), outcome = try place.run(["run", "poem:ballad", "Hi"])
        #expect(outcome.status == 65)
        #expect(outcome.complaints.contains("ballad") && outcome.complaints.contains("song"))
        let neither = try place.run(["run", "prose:song", "Hi"])
        #expect(neither.status == 65 && neither.complaints.contains("prose:song"))
    }
}

import Foundation
import Testing

/// A model made by the real command, measured, and written in other formats.
@Suite struct MakingTests {
    private struct Measured: Decodable {
        let perplexity, natsPerToken, bitsPerCharacter, bitsPerByte: Double
        let documents, tokens, characters, bytes, rejected: Int
    }

    private static let configuration = """
        model:
          new: {model_type: llama, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2}
          tokenizer: {type: bpe, size: 300}
        data: {train: poem.jsonl, validation_share: 0}
        optimizer: {type: muon, rate: 0.02}
        batch: {tokens: 128, context: 32, precision: float32}
        steps: 30
        """
    private static let lines = (0..<20).map { #"{"text": "床前明月光，疑是地上霜。\#($0) and so on"}"# }

    private static func measure(_ model: String, _ place: Executable, _ file: String = "poem.jsonl") throws -> Measured
    {
        let outcome = try place.run(["perplexity", model, file, "--json"])
        try #require(outcome.status == 0, "\(outcome.complaints)")
        return try JSONDecoder().decode(Measured.self, from: Data(outcome.output.utf8))
    }

    private static func trained() throws -> Executable {
        let place = try Executable()
        try place.write(configuration, to: "poem.yaml")
        try place.write(lines.joined(separator: "\n"), to: "poem.jsonl")
        let training = try place.run(["train", "poem.yaml"])
        try #require(training.status == 0, "\(training.complaints)")
        return place
    }

    @Test func aRunIsMeasuredAndConvertedByItsName() throws {
        let place = try Self.trained(), learnt = try Self.measure("poem", place)
        #expect(learnt.documents == 20 && learnt.rejected == 0)
        #expect(learnt.characters == (0..<20).reduce(0) { $0 + 22 + "\($1)".count })
        #expect(learnt.bytes == learnt.characters + 20 * 24)
        let nats = learnt.natsPerToken * Double(learnt.tokens)
        #expect(abs(learnt.perplexity - exp(learnt.natsPerToken)) < 1e-6 * learnt.perplexity)
        #expect(abs(learnt.bitsPerCharacter - nats / log(2) / Double(learnt.characters)) < 1e-9)
        #expect(abs(learnt.bitsPerByte - nats / log(2) / Double(learnt.bytes)) < 1e-9)
        #expect(learnt.natsPerToken < 4, "nothing was learnt")

        #expect(try place.run(["convert", "poem", "poem.gguf"]).status == 0)
        #expect(try place.run(["convert", "poem", "small.gguf", "--type", "q8_0", "--name", "verse"]).status == 0)
        #expect(try place.run(["convert", "poem.gguf", "folder", "--type", "float32"]).status == 0)
        for (name, error) in [("poem.gguf", 1e-5), ("folder", 1e-5), ("small.gguf", 0.02)] {
            let other = try Self.measure(name, place)
            #expect(abs(other.natsPerToken / learnt.natsPerToken - 1) < error, "\(name)")
            #expect(other.tokens == learnt.tokens)
        }
    }

    @Test func nothingIsOverwrittenAndMistakesAreNamed() throws {
        let place = try Self.trained()
        try place.write("precious", to: "there.gguf")
        let again = try place.run(["convert", "poem", "there.gguf"])
        #expect(again.status == 65 && again.complaints.contains("there already"))
        #expect(try String(contentsOf: place.folder.appending(path: "there.gguf"), encoding: .utf8) == "precious")
        let type = try place.run(["convert", "poem", "x.gguf", "--type", "q9"])
        #expect(type.status == 64 && type.complaints.contains("q8_0"))
        let name = try place.run(["convert", "poem", "folder", "--name", "verse"])
        #expect(name.status == 64)
        let quantised = try place.run(["convert", "poem", "folder", "--type", "q8_0"])
        #expect(quantised.status == 64 && quantised.complaints.contains("GGUF"))
        #expect(!FileManager.default.fileExists(atPath: place.folder.appending(path: "folder").path))
        let unknown = try place.run(["convert", "prose", "x.gguf"])
        #expect(unknown.status == 65 && unknown.complaints.contains("prose"))
    }

    @Test func rowsThatCannotBeScoredAreTold() throws {
        let place = try Self.trained()
        try place.write(Self.lines[0] + "\n{\"text\": \n" + Self.lines[1], to: "broken.jsonl")
        let outcome = try place.run(["perplexity", "poem", "broken.jsonl", "--json"])
        #expect(outcome.status == 0 && outcome.complaints.contains("1 rows were left out"))
        let found = try JSONDecoder().decode(Measured.self, from: Data(outcome.output.utf8))
        #expect(found.documents == 2 && found.rejected == 1)
        try place.write(#"{"prompt": "a", "chosen": "b", "rejected": "c"}"#, to: "pairs.jsonl")
        for (file, text) in [
            ("pairs.jsonl", "cannot be scored"), ("missing.jsonl", "no such file"), ("missing", "no such file"),
        ] {
            let outcome = try place.run(["perplexity", "poem", file])
            #expect(outcome.status == 65 && outcome.complaints.contains(text), "\(file): \(outcome.complaints)")
        }
        try place.write(String(repeating: "a swift bird ", count: 9), to: "plain")
        #expect(try place.run(["perplexity", "poem", "plain"]).status == 0)
        try place.write("", to: "empty.jsonl")
        #expect(try place.run(["perplexity", "poem", "empty.jsonl"]).status == 65)
    }
}

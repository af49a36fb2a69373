import Foundation
import Testing

/// A small model quantised by the real command.
@Suite struct QuantizingTests {
    private struct Report: Decodable {
        struct Fallback: Decodable { let wanted, stored: String, tensors: Int }
        let path, type: String, bytes, sourceBytes: Int, bitsPerWeight: Double
        let tensors: [String: Int], fallbacks: [Fallback], calibrationTokens: Int?
    }

    private struct Measured: Decodable { let natsPerToken: Double }

    private static let configuration = """
        model:
          new: {model_type: llama, hidden_size: 256, intermediate_size: 512, num_hidden_layers: 2, num_attention_heads: 4}
          tokenizer: {type: bpe, size: 300}
        data: {train: poem.jsonl, validation_share: 0}
        optimizer: {type: muon, rate: 0.02}
        batch: {tokens: 128, context: 32, precision: float32}
        steps: 8
        """

    private static func trained() throws -> Executable {
        let place = try Executable()
        try place.write(configuration, to: "poem.yaml")
        let lines = (0..<20).map { #"{"text": "床前明月光，疑是地上霜。\#($0) and so on"}"# }
        try place.write(lines.joined(separator: "\n"), to: "poem.jsonl")
        let training = try place.run(["train", "poem.yaml"])
        try #require(training.status == 0, "\(training.complaints)")
        return place
    }

    private static func report(_ place: Executable, _ arguments: String...) throws -> Report {
        let outcome = try place.run(["quantize"] + arguments + ["--json"])
        try #require(outcome.status == 0, "\(outcome.complaints)")
        return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    }

    private static func nats(_ place: Executable, _ model: String) throws -> Double {
        let outcome = try place.run(["perplexity", model, "poem.jsonl", "--json"])
        try #require(outcome.status == 0, "\(outcome.complaints)")
        return try JSONDecoder().decode(Measured.self, from: Data(outcome.output.utf8)).natsPerToken
    }

    @Test func aRunIsQuantisedWithAndWithoutAText() throws {
        let place = try Self.trained(), learnt = try Self.nats(place, "poem")
        let plain = try Self.report(place, "poem", "plain.gguf")
        #expect(plain.type == "q4_k_m" && plain.tensors == ["q4_K": 13, "q6_K": 3, "float32": 5])
        #expect(plain.calibrationTokens == nil && plain.fallbacks.isEmpty && plain.bitsPerWeight < 5.6)
        let weighed = try Self.report(
            place,
            "poem",
            "weighed.gguf",
            "--calibration",
            "poem.jsonl",
            "--context",
            "16",
            "--chunks",
            "9",
            "--imatrix-out",
            "matrix.gguf"
        )
        #expect(weighed.calibrationTokens == 144 && weighed.bytes == plain.bytes)
        _ = try Self.report(place, "poem", "again.gguf", "--imatrix", "matrix.gguf")
        let bytes = try ["plain", "weighed", "again"].map {
            try Data(contentsOf: place.folder.appending(path: "\($0).gguf"))
        }
        #expect(bytes[1] != bytes[0] && bytes[2].count == bytes[1].count && bytes[0].count == plain.bytes)
        for file in ["plain.gguf", "weighed.gguf"] { #expect(abs(try Self.nats(place, file) / learnt - 1) < 0.05) }

        #expect(try place.run(["convert", "weighed.gguf", "folder", "--type", "float32"]).status == 0)
        #expect(abs(try Self.nats(place, "folder") / Self.nats(place, "weighed.gguf") - 1) < 0.02)
        #expect(try place.run(["convert", "poem", "words", "--type", "gptq"]).status == 0)
        #expect(try place.run(["convert", "words", "words.gguf"]).status == 0)
        #expect(try Self.nats(place, "words") == Self.nats(place, "words.gguf"))
        #expect(abs(try Self.nats(place, "words") / learnt - 1) < 0.05)
        #expect(try place.run(["convert", "poem", "x.gguf", "--type", "awq"]).status == 64)
        let eight = try Self.report(place, "folder", "eight.gguf", "--type", "Q8_0")
        #expect(eight.tensors == ["q8_0": 16, "float32": 5])
    }

    @Test func mistakesAreNamedBeforeAnythingIsDone() throws {
        let place = try Self.trained()
        try place.write("precious", to: "there.gguf")
        #expect(try place.run(["quantize", "poem", "q4.gguf", "--type", "q4_1"]).output.contains("bits a weight"))
        let cases: [([String], Int32, String)] = [
            (["poem", "there.gguf"], 65, "there already"), (["q4.gguf", "q4.gguf"], 65, "there already"),
            (["poem", "nowhere/x.gguf"], 65, "no folder"), (["poem", "x.bin"], 64, ".gguf"),
            (["poem", "x.gguf", "--type", "q9"], 64, "q4_k_m"), (["prose", "x.gguf"], 65, "prose"),
            (["q4.gguf", "x.gguf"], 65, "--allow-requantize"),
            (["poem", "x.gguf", "--imatrix-out", "m.gguf"], 64, "--calibration"),
            (["poem", "x.gguf", "--type", "q8_0", "--calibration", "poem.jsonl"], 64, "nothing to choose"),
            (["poem", "x.gguf", "--calibration", "missing.jsonl"], 65, "no such file"),
            (["poem", "x.gguf", "--calibration", "poem.jsonl", "--context", "100000"], 65, "--context"),
            (["poem", "x.gguf", "--imatrix", "q4.gguf"], 65, "no importance matrix"),
            (["poem", "x.gguf", "--calibration", "poem.jsonl", "--imatrix-out", "there.gguf"], 65, "there already"),
        ]
        for (arguments, status, text) in cases {
            let outcome = try place.run(["quantize"] + arguments)
            #expect(outcome.status == status && outcome.complaints.contains(text), "\(arguments) \(outcome.complaints)")
        }
        #expect(try String(contentsOf: place.folder.appending(path: "there.gguf"), encoding: .utf8) == "precious")
        #expect(!FileManager.default.fileExists(atPath: place.folder.appending(path: "x.gguf").path))
        #expect(try place.run(["quantize", "q4.gguf", "x.gguf", "--allow-requantize"]).status == 0)
    }
}

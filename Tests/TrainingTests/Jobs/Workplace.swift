import Bundles
import Foundation
import Text
import Training

/// A folder with a small text, conversations and preferences, where jobs are done.
final class Workplace: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "yuyan-jobs-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let birds = ["swift", "swallow", "crane", "heron", "wren"], places = ["roof", "lake", "wood", "tower"]
        let lines = (0..<120).map {
            "The \(birds[$0 % 5]) flies over the \(places[$0 % 4]) at dawn, \($0 % 7) times.\n"
        }
        try write("birds.txt", lines.joined())
        try write("chat.jsonl", (0..<24).map { Self.chat(birds[$0 % 5], places[$0 % 4]) }.joined(separator: "\n"))
        try write("pairs.jsonl", (0..<24).map { Self.pair(birds[$0 % 5]) }.joined(separator: "\n"))
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: url.appending(path: name)) }

    private static func chat(_ bird: String, _ place: String) -> String {
        #"{"messages":[{"role":"user","content":"Where is the \#(bird)?"},{"role":"assistant","content":"Over the \#(place)."}]}"#
    }

    private static func pair(_ bird: String) -> String {
        #"{"prompt":"Name a bird.","chosen":"The \#(bird).","rejected":"The roof."}"#
    }

    /// A new network's settings and all that makes it small.
    static let new = #"""
        "model": {"new": {"model_type": "llama", "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
          "intermediate_size": 48, "tie_word_embeddings": true, "max_position_embeddings": 128}, "tokenizer": {"size": 400}, "template": "chatml"},
        "data": {"train": {"path": "birds.txt", "format": "lines"}, "validation_share": 0.1}, "batch": {"tokens": 64, "context": 64,
          "precision": "float32"}, "optimizer": {"rate": 0.01}
        """#

    func job(_ name: String, _ settings: String) throws -> TrainingJob {
        let places = TrainingJob.Places(
            RunFolder(url.appending(path: "runs/\(name)")),
            datasets: url.appending(path: "datasets"),
            files: url
        )
        return try TrainingJob(name, RunConfiguration(JSON(parsing: "{\(settings)}".utf8)), in: places) {
            try ModelBundle.open($0)
        }
    }

    /// A finished small model, by its folder.
    func base() throws -> URL {
        var run = try job("base", Self.new + #", "steps": 30"#).prepared()
        _ = try run.go()
        return run.result
    }
}

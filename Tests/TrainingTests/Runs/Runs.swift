import Checkpoints
import Foundation
import Models
import Synchronization
import Tensors
import TestSupport
import Training

/// Rows of counting modulo something, drawn from a seed and the number of the batch.
struct Counting: TrainingData {
    var start: Int { 0 }
    var fingerprint = "counting"
    var validation: [TrainingBatch] { [batch(-1), batch(-2)] }
    /// The batch that cannot be read, if any.
    var broken: Int?

    func next(_ cursor: inout Int) throws -> TrainingBatch {
        defer { cursor += 1 }
        if cursor == broken { throw CocoaError(.fileReadCorruptFile) }
        return batch(cursor)
    }

    private func batch(_ number: Int) -> TrainingBatch {
        var random = SplitMix(seed: UInt64(bitPattern: Int64(number)) &* 977 &+ 5)
        let documents = [0..<12, 12..<31].map { rows in
            let first = Int32(random.next() % 13)
            return rows.map { (first + Int32($0 - rows.lowerBound)) % 13 }
        }
        let targets = documents.flatMap { $0.dropFirst() + [-1] }
        return TrainingBatch(tokens: documents.flatMap(\.self), targets: targets, documents: [0..<12, 12..<31])
    }
}

/// A tiny network that learns to count, in a folder of its own.
final class CountingRun: Sendable {
    let folder: RunFolder
    let data: Counting

    static let settings: Settings = [
        "model_type": "llama", "vocab_size": 13, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 48, "tie_word_embeddings": true,
    ]

    init(_ data: Counting = Counting(), copying other: RunFolder? = nil) throws {
        self.data = data
        let temporary = FileManager.default.temporaryDirectory
        folder = RunFolder(temporary.appending(path: "yuyan-run-\(UUID())"))
        if let other { try Self.copy(other.url, folder.url) }
    }

    /// Copies a folder that somebody is writing in: again, where something went away under the copying.
    private static func copy(_ source: URL, _ target: URL) throws {
        let files = FileManager.default
        for attempt in 0..<100 {
            do { return try files.copyItem(at: source, to: target) } catch {
                try? files.removeItem(at: target)
                if attempt == 99 { throw error }
            }
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder.url) }

    static func options(steps: Int) -> TrainingOptions {
        var options = TrainingOptions(Schedule(.cosine, peak: 1e-2, steps: steps, warmUp: 2))
        (options.checkpointEvery, options.validateEvery, options.accumulation, options.averaging) = (3, 4, 2, 0.9)
        return options
    }

    /// Twelve steps of another way to learn, kept as the plain ones are.
    func trainer(_ way: Way) throws -> Trainer<Counting> {
        var options = Self.options(steps: 12)
        options.averaging = way == .dora ? 0.9 : nil
        let objective = try way.objective()
        return try Trainer(objective, way.start(objective), data, way.optimizer, options, in: folder)
    }

    func trainer(
        steps: Int = 12,
        precision: Objective.Precision = .float32,
        _ change: (inout TrainingOptions) -> Void = { _ in }
    ) throws -> Trainer<Counting> {
        var options = Self.options(steps: steps)
        change(&options)
        let objective = Objective(Self.settings, precision: precision)
        return try Trainer(objective, objective.fresh(seed: 1), data, AdamW(decay: 0.01), options, in: folder)
    }

    /// What was measured, as far as equal runs are equal.
    func curve() throws -> [StepRecord] {
        try folder.records().map { record in
            var record = record
            record.seconds = 0
            return record
        }
    }
}

/// Ways to learn that a run must go on in exactly.
enum Way: String, CaseIterable {
    case lion, adafactor, muon, bytes, dora, dropout, preference

    var optimizer: any Optimizer {
        switch self {
        case .lion: Lion(decay: 0.01)
        case .adafactor: Adafactor()
        case .muon: Muon()
        case .bytes: AdamW(decay: 0.01, bytesFrom: 0)
        default: AdamW(decay: 0.01)
        }
    }

    func objective() throws -> Objective {
        var objective = Objective(CountingRun.settings, precision: .float32)
        switch self {
        case .lion, .adafactor, .muon, .bytes: break
        case .dora:
            let base = try objective.fresh(seed: 5), adapter = try Adapter(.dora, rank: 3, dropout: 0.2)
            objective = Objective(CountingRun.settings, precision: .float32, base: base, adapter: adapter)
        case .dropout: (objective.dropout, objective.remembers, objective.seed) = (0.2, false, 77)
        case .preference: objective.loss = try Preference(reference: objective.reference(start(objective)))
        }
        return objective
    }

    func start(_ objective: Objective) throws -> [String: Tensor] { try objective.fresh(seed: 1) }
}

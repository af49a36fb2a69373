public import Bundles
import Checkpoints
public import Foundation
import Models
import Tensors
import Text

/// A run that is ready to go.
public struct PreparedRun {
    public let job: TrainingJob
    /// The model that it began with: its tokenizer and template are the result's.
    public let bundle: ModelBundle
    public let datasets: [PreparedDataset]
    private var trainer: Trainer<PackedDocuments>
    private var note: RunNote

    init(_ job: TrainingJob, _ parts: TrainingJob.Parts) throws {
        (self.job, bundle, datasets) = (job, parts.bundle, parts.datasets)
        let steps = parts.options.schedule.steps, folder = job.places.folder
        trainer = try Trainer(
            parts.objective,
            parts.parameters,
            parts.data,
            parts.optimizer,
            parts.options,
            identity: bundle.fingerprint.description,
            in: folder
        )
        trainer.furnish = Self.furnish(job, parts)
        if parts.objective.adapter == nil {
            trainer.publish = { [bundle] in try bundle.published($0) }
        }
        note = folder.note ?? RunNote(name: job.name, created: Date(), steps: steps, job.configuration.lines)
        (note.steps, note.ending, note.problem) = (steps, nil, nil)
    }

    public var steps: Int { trainer.options.schedule.steps }
    /// The step that it goes on after.
    public var step: Int { trainer.state.progress.step }
    /// Numbers that are learnt.
    public var parameterCount: Int { trainer.state.parameters.values.reduce(0) { $0 + $1.shape.elements } }

    /// Additions and multiplications of a token's way forth and back, about: two for each number in either direction, and two more
    /// for each that is learnt.
    public var operationsPerToken: Double {
        let isWhole = trainer.objective.adapter == nil
        let frozen = isWhole ? 0 : bundle.weights.entries.reduce(0) { $0 + $1.shape.reduce(1, *) }
        return Double(6 * parameterCount + 4 * frozen)
    }

    /// The folder of the model when the run has ended: in the Hub's layout, or an adapter's in PEFT's.
    public var result: URL { job.places.folder.url.appending(path: "model") }

    /// Takes the steps that are left, writes the result, and tells how it ended.
    public mutating func go(
        isStopped: () -> Bool = { false },
        report: TrainingJob.Report = { _ in }
    ) throws -> TrainingEnding {
        try job.places.folder.write(note)
        do {
            let ending = try steps(isStopped, report)
            note.ending = RunNote.Ending(ending)
            if ending != .stopped { try publish() }
            try close()
            return ending
        } catch {
            (note.ending, note.problem) = (.failed, "\(error)")
            try? close()
            throw error
        }
    }

    private mutating func steps(_ isStopped: () -> Bool, _ report: TrainingJob.Report) throws -> TrainingEnding {
        let samples = job.configuration.samples, objective = trainer.objective
        let writer = SampleWriter(samples, bundle, job.places.folder)
        return try Urgency.yielding {
            try trainer.run(isStopped: isStopped) { event in
                try report(.training(event))
            } observe: { state in
                guard state.progress.step % samples.every == 0 else { return }
                let texts = try writer.write(state.progress.step, objective.network(state.result))
                for text in texts { try report(.sample(text)) }
            }
        }
    }

    /// The page and the note, which tell how it went.
    private func close() throws {
        let folder = job.places.folder
        try folder.write(note)
        let report = RunReport(title: job.name, try folder.records(), samples: folder.samples, note.lines)
        try report.write(to: folder.url.appending(path: "report.html"))
    }
}

extension PreparedRun {
    /// Writes what the run has made, in place of what an earlier ending left.
    private func publish() throws {
        let files = FileManager.default
        if files.fileExists(atPath: result.path) { try files.removeItem(at: result) }
        let learnt = trainer.state.result
        if let adapter = Self.adapter(job, trainer.objective, learnt, bundle) {
            try adapter.write(to: result.path)
        } else {
            var bundle = bundle
            bundle.weights = learnt
            (bundle.adapter) = nil
            try bundle.write(to: result.path, as: trainer.objective.precision == .float32 ? nil : .bfloat16)
        }
    }

    private static func adapter(
        _ job: TrainingJob,
        _ objective: Objective,
        _ learnt: [String: Tensor],
        _ bundle: ModelBundle
    ) -> AdapterBundle? {
        guard let adapter = objective.adapter, case .base(let base) = job.configuration.model else { return nil }
        let configuration = AdapterConfiguration(
            rank: adapter.rank,
            alpha: Double(adapter.alpha),
            isRankStabilised: adapter.scaling == .rankStabilized,
            isDecomposed: adapter.kind == .dora,
            targets: Set(learnt.keys.map { $0.split(separator: ".").dropLast(2).last.map(String.init) ?? "" }).sorted(),
            base: bundle.path ?? base,
            dropout: Double(adapter.dropout)
        )
        return AdapterBundle(configuration, learnt, fingerprint: bundle.fingerprint)
    }

    /// Makes a checkpoint a model that serves: adds its settings and its tokenizer, or the adapter as others read it.
    private static func furnish(_ job: TrainingJob, _ parts: TrainingJob.Parts) -> @Sendable (URL) throws -> Void {
        let (bundle, objective) = (parts.bundle, parts.objective)
        return { folder in
            let file = folder.appending(path: "model.safetensors").path
            guard objective.adapter != nil else {
                return try bundle.furnish(folder.path, as: .float32)
            }
            let learnt = try SafetensorsFile(path: file)
            let tensors = try Dictionary(
                uniqueKeysWithValues: learnt.tensors.compactMap { entry in
                    try learnt.tensor(entry.name, nil).map { (entry.name, $0) }
                }
            )
            try adapter(job, objective, tensors, bundle)?.fill(folder.path)
        }
    }
}

extension RunNote.Ending {
    init(_ ending: TrainingEnding) {
        switch ending {
        case .finished: self = .finished
        case .stopped: self = .stopped
        case .early: self = .early
        }
    }
}

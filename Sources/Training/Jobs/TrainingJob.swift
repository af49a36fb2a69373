public import Bundles
public import Foundation
import Tensors
public import Text

/// A run from its configuration to a model that serves.
///
///     let job = TrainingJob(configuration, in: places) { try ModelBundle.open(store.locate($0).path) }
///     var run = try job.prepared { print($0) }
///     let ending = try run.go { print($0) }
///
/// Started again in the same folder, it goes on where it was.
public struct TrainingJob: Sendable {
    /// Where a job keeps what it makes, and finds what it is told of.
    public struct Places: Sendable {
        /// What the run makes.
        public var folder: RunFolder
        /// Prepared text, shared by all runs.
        public var datasets: URL
        /// What paths of the configuration are relative to.
        public var files: URL

        public init(_ folder: RunFolder, datasets: URL, files: URL) {
            (self.folder, self.datasets, self.files) = (folder, datasets, files)
        }
    }

    /// What happens in the course of a job.
    public enum Event: Sendable {
        case tokenizer(TokenizerTraining.Progress)
        case reading(PreparationProgress)
        case training(TrainingEvent)
        case sample(SampleRecord)
    }

    public typealias Report = (Event) throws -> Void

    public let name: String
    public let configuration: RunConfiguration
    public let places: Places
    let open: @Sendable (String) throws -> ModelBundle

    /// - Parameter open: opens a model by its name or path.
    public init(
        _ name: String,
        _ configuration: RunConfiguration,
        in places: Places,
        opening open: @escaping @Sendable (String) throws -> ModelBundle
    ) {
        (self.name, self.configuration, self.places, self.open) = (name, configuration, places, open)
    }

    /// Opens the model, prepares the text and lays everything out, or takes up the run that is in the folder.
    ///
    /// - Throws: `RunConfigurationError`, `DataError`, `TrainingError`, or what opening the model throws.
    public func prepared(report: Report = { _ in }) throws -> PreparedRun {
        try PreparedRun(self, parts(report))
    }

    /// All that a run is made of.
    struct Parts {
        let bundle: ModelBundle, objective: Objective
        var parameters: [String: Tensor]
        let data: PackedDocuments
        let datasets: [PreparedDataset], options: TrainingOptions, optimizer: any Optimizer
    }

    func parts(_ report: Report) throws -> Parts {
        let bundle = try bundle(report)
        try requirePositions(bundle)
        let (datasets, data) = try data(bundle, report)
        let (objective, parameters) = try objective(bundle, data)
        let options = options(data)
        let optimizer = configuration.optimizer.optimizer
        return Parts(
            bundle: bundle,
            objective: objective,
            parameters: parameters,
            data: data,
            datasets: datasets,
            options: options,
            optimizer: optimizer
        )
    }

    func url(_ path: String) -> URL {
        let path = (path as NSString).expandingTildeInPath
        return path.hasPrefix("/") ? URL(filePath: path) : places.files.appending(path: path)
    }

    private func options(_ data: PackedDocuments) -> TrainingOptions {
        let choice = configuration
        let steps =
            switch choice.length {
            case .steps(let steps): steps
            case .epochs(let epochs):
                max(1, Int((epochs * Double(data.batchesPerEpoch) / Double(choice.batch.accumulation)).rounded(.up)))
            }
        var options = TrainingOptions(choice.schedule.schedule(peak: choice.optimizer.rate, steps: steps))
        (options.accumulation, options.clip) = (choice.batch.accumulation, choice.optimizer.clip)
        options.movesInBackward = choice.optimizer.movesInBackward
        (options.averaging, options.patience) = (choice.care.averaging, choice.care.patience)
        (options.checkpointEvery, options.keep) = (choice.care.checkpointEvery, choice.care.keep)
        (options.validateEvery, options.tolerance) = (choice.care.validateEvery, choice.care.tolerance)
        options.skips = choice.care.skips
        return options
    }
}

extension OptimizerChoice {
    var optimizer: any Optimizer {
        switch kind {
        case .adamw: AdamW(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay)
        case .adamw8Bit:
            // Norms and biases are small, and move by what is remembered of them most.
            AdamW(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay, bytesFrom: 4096)
        case .lion: Lion(beta1: beta1, beta2: beta2, decay: decay)
        case .adafactor: Adafactor(decay: decay)
        case .muon: Muon(decay: decay)
        }
    }
}

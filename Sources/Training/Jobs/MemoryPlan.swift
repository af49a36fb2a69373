import Bundles
import Checkpoints
import Tensors
import Text

/// Bytes that a run needs, by what for.
public struct MemoryPlan: Codable, Sendable, Hashable {
    public let parameters: Int, gradient: Int, optimizer: Int, average: Int
    /// The network beneath an adapter, and the copies that matrix products read.
    public let frozen: Int, working: Int
    /// What is remembered of a batch for its gradient, and the logits of some rows: counted op by op, an estimate for networks
    /// unlike Llama and GPT-2.
    public let activations: Int
    /// What changes while a checkpoint is written beside the run, which is there twice then.
    public let checkpoint: Int
    /// What the process had besides when it was ready to begin: its code, a tokenizer, a server's models.
    public let process: Int

    package init(
        parameters: Int,
        gradient: Int,
        optimizer: Int,
        average: Int,
        frozen: Int,
        working: Int,
        activations: Int,
        checkpoint: Int = 0,
        process: Int = 0
    ) {
        (self.parameters, self.gradient, self.optimizer, self.average) = (parameters, gradient, optimizer, average)
        (self.frozen, self.working, self.activations) = (frozen, working, activations)
        (self.checkpoint, self.process) = (checkpoint, process)
    }

    /// What the run needs by itself.
    public var run: Int {
        parameters + gradient + optimizer + average + frozen + working + activations + checkpoint
    }

    public var total: Int { run + process }

    /// - Throws: the arithmetic, where what the run needs by itself does not fit.
    package func require(_ available: Int) throws {
        guard run > available else { return }
        func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
        throw RunConfigurationError(
            "batch",
            "the run needs \(megabytes(run)) of memory: parameters \(megabytes(parameters)), gradient \(megabytes(gradient)), "
                + "optimiser \(megabytes(optimizer)), average \(megabytes(average)), frozen weights \(megabytes(frozen)), "
                + "working copies \(megabytes(working)), activations \(megabytes(activations)), a checkpoint being written "
                + "\(megabytes(checkpoint)); \(megabytes(available)) are free. "
                + "Lower batch.tokens, set batch.recompute or optimizer.in_backward, take a smaller model or an adapter"
        )
    }
}

extension MemoryPlan {
    init(_ parts: TrainingJob.Parts, _ choice: RunConfiguration) {
        let isWhole = parts.objective.base == nil, entries = parts.bundle.weights.entries
        let learnt = parts.parameters.bytes
        let below = isWhole ? 0 : entries.reduce(0) { $0 + $1.byteCount }
        let optimizer = choice.optimizer.kind.bytes(parts.parameters)
        let average = choice.care.averaging == nil ? 0 : learnt
        self.init(
            parameters: learnt,
            gradient: Self.gradient(parts.parameters, choice.optimizer),
            optimizer: optimizer,
            average: average,
            frozen: below,
            working: isWhole ? Self.working(parts.parameters, choice) : 0,
            activations: Self.activations(parts, choice),
            checkpoint: parts.keepsBeside(choice.care) ? learnt + optimizer + average : 0,
            process: max(0, (SystemMemory.residentBytes ?? 0) - learnt - below)
        )
    }

    /// All of it, or the largest part, which an embedding's is from the head to the end of the way back, and the next.
    private static func gradient(_ parameters: [String: Tensor], _ choice: OptimizerChoice) -> Int {
        let parts = parameters.values.map { 4 * $0.shape.elements }
        return (choice.movesInBackward ? parts.sorted(by: >).prefix(2) : parts[...]).reduce(0, +)
    }

    /// What products read in place of the parameters, and a network to compare with.
    private static func working(_ parameters: [String: Tensor], _ choice: RunConfiguration) -> Int {
        let precision = choice.batch.precision, isNarrow = precision != .float32
        let copied = parameters.filter { !(precision.dtype.isRoundedInProducts && $0.value.shape.count == 2) }.bytes
        let isCompared = if case .preferences = choice.objective { true } else { false }
        return (isNarrow ? copied / 2 : 0) + (isCompared ? parameters.bytes / (isNarrow ? 2 : 1) : 0)
    }

    private static func activations(_ parts: TrainingJob.Parts, _ choice: RunConfiguration) -> Int {
        let entries = parts.bundle.weights.entries.map { ($0.name, $0.shape) }
        let shapes = parts.parameters.mapValues { Array($0.shape) }.merging(entries) { own, _ in own }
        let count = ActivationCount(parts.bundle.settings, shapes, masksAdapter: choice.adapter?.dropout ?? 0 > 0)
        let tokens = choice.batch.tokens, vocabulary = parts.bundle.tokenizer.tokens.count
        // Logits of as many rows as are scored at once, and what a product packs.
        let head = 4 * min(1 << 24, tokens * vocabulary) + min(1 << 24, 4 * vocabulary * count.width)
        return 4 * tokens * count.floats(recomputes: choice.batch.recomputes) + head
    }
}

extension TrainingJob.Parts {
    /// Whether a checkpoint is written while the run goes on.
    fileprivate func keepsBeside(_ care: RunCare) -> Bool {
        let every = data.validation.isEmpty ? care.checkpointEvery : min(care.checkpointEvery, care.validateEvery)
        return options.schedule.steps > every
    }
}

extension OptimizerChoice.Kind {
    /// What it remembers of parameters.
    fileprivate func bytes(_ parameters: [String: Tensor]) -> Int {
        let learnt = parameters.bytes
        return switch self {
        case .adamw: 2 * learnt
        case .adamw8Bit: 2 * learnt * 33 / 128
        case .lion: learnt
        // One number of a layer's matrices, two of the rest.
        case .muon: 2 * learnt - parameters.filter { Muon.isOfLayer($0.key, $0.value) }.bytes
        case .adafactor: learnt / 64
        }
    }
}

extension [String: Tensor] {
    /// Those of all, as float32.
    fileprivate var bytes: Int { 4 * values.reduce(0) { $0 + $1.shape.elements } }
}

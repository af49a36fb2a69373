import Tensors

/// The gradient of several batches as of one: each row that counts weighs the same.
struct GradientSum {
    private(set) var loss = 0.0
    private var gradient: [String: Tensor] = [:]

    /// Adds one of `batches`.
    mutating func add(
        _ batch: TrainingBatch,
        of batches: [TrainingBatch],
        _ objective: Objective,
        _ parameters: [String: Tensor]
    ) throws {
        let counted = batches.reduce(0) { $0 + $1.counted }
        guard batch.counted > 0 else { return }
        let share = Float(batch.counted) / Float(counted)
        let (value, piece) = try valueAndGradient(of: parameters) { try objective($0, batch) * share }
        loss += Double(value)
        gradient.merge(piece) { $0 + $1 }
    }

    /// The length of all gradients together.
    var norm: Float { Tensors.norm(gradient) }

    /// The gradient, shortened where it is longer than `limit`.
    func clipped(_ limit: Float?, _ length: Float) -> [String: Tensor] {
        guard let limit, length > limit else { return gradient }
        return gradient.mapValues { $0 * (limit / length) }
    }
}

extension TrainingState {
    /// One step of the optimiser, and of the average.
    mutating func move(along gradient: [String: Tensor], rate: Float, averaging: Float?) {
        optimizer.update(&parameters, along: gradient, rate: rate)
        guard let averaging else { return }
        for (name, parameter) in parameters {
            average[name] = average[name].map { $0 * averaging + parameter * (1 - averaging) }
        }
    }
}

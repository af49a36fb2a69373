import Tensors

/// The gradient of several batches as of one: each row, or pair, that counts weighs the same.
struct GradientSum {
    private(set) var mean = WeightedMean()
    private(set) var gradient: [String: Tensor] = [:]

    /// Adds the batch at a moment, one of `batches`.
    mutating func add(
        _ batches: [TrainingBatch],
        at moment: Moment,
        _ objective: Objective,
        _ parameters: [String: Tensor]
    ) throws {
        let batch = batches[moment.batch], count = objective.loss.count(batch)
        guard count > 0 else { return }
        let share = Double(count) / Double(batches.reduce(0) { $0 + objective.loss.count($1) })
        var measured: Measured?
        _ = try value(of: parameters, addingGradientTo: &gradient) { parameters in
            let value = try objective(parameters, batch, at: moment)
            measured = Measured(value.loss.detached, metrics: value.metrics)
            return value.loss * Float(share)
        }
        if let measured { mean.add(measured, share: share) }
    }

    /// The length of all gradients together.
    var norm: Float { Tensors.norm(gradient) }

    /// Shortens the gradient where it is longer than `limit`, in place.
    mutating func clip(to limit: Float?, _ length: Float) {
        guard let limit, length > limit else { return }
        for name in gradient.keys.sorted() { gradient[name]?.multiply(by: limit / length) }
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

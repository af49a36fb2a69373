import Tensors

/// What a step came to.
struct StepTaken {
    var mean = WeightedMean()
    /// The length of all gradients together.
    let norm: Float

    var isNumber: Bool { mean.loss.isFinite && norm.isFinite }
}

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
        average(averaging)
    }

    /// One step along the gradient of a batch, each parameter's as soon as its gradient is whole, and of the average.
    ///
    /// After a gradient that is no number nothing more moves. Else it is the step of ``move(along:rate:averaging:)``, to the bit.
    mutating func descend(
        _ objective: Objective,
        _ batch: TrainingBatch,
        at moment: Moment,
        rate: Float,
        averaging: Float?
    ) throws -> StepTaken {
        var measured: Measured?, lengths: [String: Float] = [:]
        optimizer.steps += 1
        if objective.loss.count(batch) > 0 {
            try withParameters { parameters, optimizer in
                _ = try value(moving: &parameters) { parameters in
                    let value = try objective(parameters, batch, at: moment)
                    measured = Measured(value.loss.detached, metrics: value.metrics)
                    return value.loss
                } _: { name, parameter, gradient in
                    lengths[name] = norm([name: gradient])
                    guard lengths.values.allSatisfy(\.isFinite) else { return }
                    optimizer.move(name, &parameter, along: gradient, rate: rate)
                }
            }
        }
        let squares = lengths.sorted { $0.key < $1.key }.map { Double($0.value) * Double($0.value) }
        var taken = StepTaken(norm: Float(squares.reduce(0, +).squareRoot()))
        if let measured { taken.mean.add(measured, share: 1) }
        if !taken.mean.loss.isFinite { optimizer.steps -= 1 }
        if taken.isNumber { average(averaging) }
        return taken
    }

    /// Lends what moves to `body`, so that nobody else holds it meanwhile.
    private mutating func withParameters(_ body: (inout [String: Tensor], inout any Optimizer) throws -> Void) rethrows
    {
        var parameters = self.parameters
        self.parameters = [:]
        defer { self.parameters = parameters }
        try body(&parameters, &optimizer)
    }

    /// What the running average becomes of what the parameters are now.
    mutating func average(_ averaging: Float?) {
        guard let averaging else { return }
        for (name, parameter) in parameters {
            average[name] = average[name].map { $0 * averaging + parameter * (1 - averaging) }
        }
    }
}

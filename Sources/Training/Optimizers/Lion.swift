public import Tensors

/// Steps of equal size along the sign of an average gradient (Chen et al. 2023): half of Adam's memory.
public struct Lion: Optimizer {
    public var beta1: Float, beta2: Float, decay: Float
    public var memory: [String: Tensor] = [:]
    public var steps = 0

    public init(beta1: Float = 0.9, beta2: Float = 0.99, decay: Float = 0.1) {
        (self.beta1, self.beta2, self.decay) = (beta1, beta2, decay)
    }

    public var identity: String { "Lion \(beta1) \(beta2) \(decay)" }

    public mutating func move(_ name: String, _ parameter: inout Tensor, along slope: Tensor, rate: Float) {
        var average = recall("average.\(name)", like: slope)
        let kept = decays(parameter) ? 1 - rate * decay : 1
        lionStep(&parameter, &average, slope, beta1: beta1, beta2: beta2, rate: rate, kept: kept)
        memory["average.\(name)"] = average
    }
}

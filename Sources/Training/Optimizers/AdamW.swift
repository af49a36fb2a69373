import Foundation
public import Tensors

/// Adam with decoupled weight decay (Kingma & Ba 2015; Loshchilov & Hutter 2019), its moments in float32 or in 8 bits.
public struct AdamW: Optimizer {
    public var beta1: Float, beta2: Float, epsilon: Float, decay: Float
    /// Parameters of at least so many elements have moments in 8 bits, which take a quarter of the memory; nil for none.
    public var bytesFrom: Int?
    public var memory: [String: Tensor] = [:]
    public var steps = 0

    public init(
        beta1: Float = 0.9,
        beta2: Float = 0.95,
        epsilon: Float = 1e-8,
        decay: Float = 0.1,
        bytesFrom: Int? = nil
    ) {
        (self.beta1, self.beta2, self.epsilon, self.decay) = (beta1, beta2, epsilon, decay)
        self.bytesFrom = bytesFrom
    }

    public var identity: String {
        "AdamW \(beta1) \(beta2) \(epsilon) \(decay)" + (bytesFrom.map { ", 8 bits from \($0)" } ?? "")
    }

    public mutating func move(_ name: String, _ parameter: inout Tensor, along slope: Tensor, rate: Float) {
        let bias1 = 1 - pow(Double(beta1), Double(steps)), bias2 = 1 - pow(Double(beta2), Double(steps))
        let factors = AdamFactors(
            beta1: beta1,
            beta2: beta2,
            epsilon: epsilon * Float(bias2.squareRoot()),
            rate: rate * Float(bias2.squareRoot() / bias1),
            kept: decays(parameter) ? 1 - rate * decay : 1
        )
        bytesFrom.map { slope.shape.elements >= $0 } ?? false
            ? stepInBytes(name, &parameter, slope, factors) : step(name, &parameter, slope, factors)
    }

    private mutating func step(_ name: String, _ parameter: inout Tensor, _ slope: Tensor, _ factors: AdamFactors) {
        var first = recall("first.\(name)", like: slope), second = recall("second.\(name)", like: slope)
        adamStep(&parameter, &first, &second, slope, factors)
        (memory["first.\(name)"], memory["second.\(name)"]) = (first, second)
    }

    private mutating func stepInBytes(
        _ name: String,
        _ parameter: inout Tensor,
        _ slope: Tensor,
        _ factors: AdamFactors
    ) {
        let count = slope.shape.elements
        var first = memory.removeValue(forKey: "first.\(name)") ?? ByteMoments.zeros(for: count)
        var second = memory.removeValue(forKey: "second.\(name)") ?? ByteMoments.zeros(for: count)
        let salt = UInt32(truncatingIfNeeded: steps) &* 0x85EB_CA77
        adamStep(&parameter, bytes: &first, &second, slope, salt: salt, factors)
        (memory["first.\(name)"], memory["second.\(name)"]) = (first, second)
    }
}

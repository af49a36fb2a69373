public import Checkpoints
public import Tensors

/// Root-mean-square normalisation along the last axis (Zhang & Sennrich 2019).
public struct RMSNorm: Sendable {
    let weight: Tensor
    let epsilon: Float
    /// Whether quantised maps read what it makes.
    private var isRounded = false

    public init(_ width: Int, epsilon: Float, _ weights: Weights) throws {
        guard epsilon >= 0, epsilon.isFinite else {
            throw CheckpointError.setting(key: "rms_norm_eps", value: "\(epsilon)", expected: "a number from 0 on")
        }
        weight = try weights.tensor("weight", [width], fill: 1)
        self.epsilon = epsilon
    }

    /// The same norm, before something that multiplies bytes or does not.
    func before(_ takesBytes: Bool) -> RMSNorm {
        var norm = self
        norm.isRounded = takesBytes
        return norm
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { rmsNorm(x, weight, epsilon: epsilon, isRounded: isRounded) }
}

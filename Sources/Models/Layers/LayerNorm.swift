public import Checkpoints
public import Tensors

/// Normalisation to mean 0 and variance 1 along the last axis, with a weight and a bias (Ba, Kiros & Hinton 2016).
public struct LayerNorm: Sendable {
    let weight, bias: Tensor
    let epsilon: Float

    public init(_ width: Int, epsilon: Float, _ weights: Weights) throws {
        guard epsilon >= 0, epsilon.isFinite else {
            throw CheckpointError.setting(
                key: "layer_norm_epsilon",
                value: "\(epsilon)",
                expected: "a number from 0 on"
            )
        }
        weight = try weights.tensor("weight", [width], fill: 1)
        bias = try weights.tensor("bias", [width])
        self.epsilon = epsilon
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { layerNorm(x, weight, bias, epsilon: epsilon) }
}

public import Checkpoints
public import Tensors

/// Normalisation to mean 0 and variance 1 along the last axis, with a weight and perhaps a bias (Ba, Kiros & Hinton 2016).
public struct LayerNorm: Sendable {
    let weight, bias: Tensor
    let epsilon: Float

    /// - Parameter key: what the settings call the epsilon.
    public init(
        _ width: Int,
        epsilon: Float,
        bias: Bool = true,
        key: String = "layer_norm_epsilon",
        _ weights: Weights
    ) throws {
        guard epsilon >= 0, epsilon.isFinite else {
            throw CheckpointError.setting(
                key: key,
                value: "\(epsilon)",
                expected: "a number from 0 on"
            )
        }
        weight = try weights.tensor("weight", [width], fill: 1)
        self.bias =
            bias ? try weights.tensor("bias", [width]) : Tensor([Float](repeating: 0, count: width), shape: [width])
        self.epsilon = epsilon
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { layerNorm(x, weight, bias, epsilon: epsilon) }
}

import Checkpoints
import Tensors

/// What an adapter does to a linear map: adds a product of two thin matrices (Hu et al. 2021), and with a magnitude gives the
/// rows of the sum lengths of their own (Liu et al. 2024).
///
/// B comes with the adapter's factor in it. For the gradient, the length of a row of the sum is a constant.
struct LowRankUpdate: Sendable {
    private let a, b: Tensor, dropout: Dropout
    /// What each output is multiplied by, and the bias that is added then.
    private let gain, bias: Tensor?

    /// Returns nil where there is no adapter.
    init?(_ weight: Tensor, bias: Tensor?, _ weights: Weights) throws {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        guard let a = try weights.extra("lora_A.weight") else { return nil }
        self.a = try weights.tensor("lora_A.weight", [a.shape[0], inputs])
        b = try weights.tensor("lora_B.weight", [outputs, a.shape[0]])
        dropout = weights.adapterDropout
        guard try weights.extra("lora_magnitude_vector") != nil else {
            (gain, self.bias) = (nil, nil)
            return
        }
        let magnitude = try weights.tensor("lora_magnitude_vector", [outputs])
        (gain, self.bias) = (magnitude * LowRankSum(weight, a: self.a, b: b).norms.reciprocal, bias)
    }

    /// Whether the bias comes after the gain, and so not with the map.
    var takesBias: Bool { gain != nil }

    /// What is added to the weight, where that is all.
    var product: LowRank {
        get throws {
            guard gain == nil else {
                throw ModelError.unsupported("an adapter with magnitudes (DoRA) does not adapt lm_head")
            }
            return LowRank(down: a, up: b)
        }
    }

    /// `y` is what the map alone makes of `x`.
    func callAsFunction(_ y: Tensor, _ x: Tensor) -> Tensor {
        let sum = y + linear(linear(dropout(x), a), b)
        guard let gain else { return sum }
        let scaled = columnwise(sum, times: gain)
        return bias.map { columnwise(scaled, plus: $0) } ?? scaled
    }
}

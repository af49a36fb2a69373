public import Checkpoints
public import Tensors

/// An affine map: `y = x · weightᵀ + bias`, plus the adapter's low-rank correction if there is one (Hu et al. 2021).
///
/// The weight may be of any dtype, quantised ones included.
public struct Linear: Sendable {
    let map: AffineMap

    /// - Parameter gain: how large fresh weights are, against 1 / √inputs.
    public init(_ inputs: Int, _ outputs: Int, bias: Bool = false, gain: Float = 1, _ weights: Weights) throws {
        let bound = gain / Float(inputs).squareRoot()
        let weight = try weights.tensor("weight", [outputs, inputs], uniform: bound)
        let down = try weights.extra("lora_A.weight"), up = try weights.extra("lora_B.weight")
        let adapter = down.flatMap { down in up.map { LowRank(down: down, up: $0) } }
        map = AffineMap(weight, bias: bias ? try weights.tensor("bias", [outputs]) : nil, adapter: adapter)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { Linear.each([self], x)[0] }

    /// Applies several maps to one `x`, which is read once.
    static func each(_ maps: [Linear], _ x: Tensor) -> [Tensor] { linear(x, maps.map(\.map)) }
}

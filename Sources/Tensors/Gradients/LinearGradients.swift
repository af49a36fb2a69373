/// The gradients of `y = x · weightᵀ + bias` with respect to `x`, `weight` and `bias`: products of the same kind.
///
/// In the arithmetic of the weight: bfloat16 where it is bfloat16. That of a quantised weight is worked out as floats; it is
/// not differentiated by.
func linearGradients(_ x: Tensor, isWanted: Bool, _ map: AffineMap, _ gradient: Tensor) -> [Tensor?] {
    let outputs = map.weight.shape[0], inputs = map.weight.shape[1]
    let dy = gradient.reshaped(to: [gradient.shape.rows, outputs]),
        dtype = map.weight.dtype == .bfloat16 ? DType.bfloat16 : .float32
    var dx: Tensor?, dWeight: Tensor?
    if isWanted {
        dx = linear(dy, map.weight.transposed.cast(to: dtype)).reshaped(to: x.shape)
    }
    if map.weight.isTracked {
        precondition(!map.weight.dtype.isQuantized, "a quantised weight has no gradient")
        let rows = x.reshaped(to: [x.shape.rows, inputs])
        dWeight = linear(dy.transposed, rows.transposed.cast(to: dtype))
    }
    return [dx, dWeight, map.bias.map { $0.isTracked ? dy.summedRows : nil } ?? nil]
}

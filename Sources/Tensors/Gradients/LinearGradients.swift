/// Adds the gradients of `y = x · weightᵀ + bias` with respect to `x`, `weight` and `bias` to sums of such.
///
/// A quantised weight is worked out as floats, a part at a time, and not differentiated by. Where the weight is less than
/// float32, slopes and inputs are rounded to bfloat16 on machines that multiply such pairs.
func addLinearGradients(
    _ x: Kept,
    isWanted: Bool,
    _ map: AffineMap,
    _ dy: Tensor,
    to sums: inout [Tensor?]
) {
    let outputs = map.weight.shape[0], inputs = map.weight.shape[1], rows = x.shape.rows
    let slopes = dy.reshaped(to: [rows, outputs])
    if isWanted {
        let weight = map.weight.forProducts
        let product = MatrixProduct(
            left: .init(slopes),
            right: .init(weight),
            rows: rows,
            columns: inputs,
            inner: outputs,
            inPairs: map.isInPairs || weight.dtype.isQuantized
        )
        withExtendedLifetime((slopes, weight)) { product.add(to: &sums[0], x.shape) }
    }
    if map.weight.isTracked {
        precondition(!map.weight.dtype.isQuantized, "a quantised weight has no gradient")
        let x = x.elements().reshaped(to: [rows, inputs])
        let product = MatrixProduct(
            left: .init(slopes, isTurned: true),
            right: .init(x),
            rows: outputs,
            columns: inputs,
            inner: rows,
            inPairs: map.isInPairs
        )
        withExtendedLifetime((slopes, x)) { product.add(to: &sums[1], [outputs, inputs]) }
    }
    if map.bias?.isTracked ?? false { accumulate(slopes.summedRows, into: &sums[2]) }
}

extension Tensor {
    /// A matrix of weights in a form that a product reads: itself, but for quantised rows, which nobody multiplies often.
    fileprivate var forProducts: Tensor { layout == .rows && dtype.isQuantized ? packed() : self }
}

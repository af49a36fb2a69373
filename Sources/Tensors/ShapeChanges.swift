extension Tensor {
    /// The same elements in another shape; one extent may be -1 and is worked out.
    public func reshaped(_ extents: Int...) -> Tensor {
        precondition(layout == .rows, "a packed tensor keeps its shape")
        let known = extents.reduce(1) { $1 < 0 ? $0 : $0 * $1 }
        let unknown = known == 0 ? 0 : shape.elements / known
        let resolved = Shape(extents.map { $0 < 0 ? unknown : $0 })
        precondition(resolved.elements == shape.elements, "cannot reshape \(shape) to \(extents)")
        let before = shape
        return Tensor(resolved, dtype, storage, offset: offset).made(from: [self]) { [$0.reshaped(to: before)] }
    }

    func reshaped(to shape: Shape) -> Tensor { Tensor(shape, dtype, storage, offset: offset) }

    /// Some consecutive entries of the first axis, without a copy.
    public func rows(_ range: Range<Int>) -> Tensor {
        precondition(layout == .rows, "a packed tensor has no row slices")
        precondition(
            shape.count > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0],
            "rows \(range) of \(shape)"
        )
        let stride = shape.elements / max(shape[0], 1)
        let inner = Shape([range.count] + shape.dropFirst())
        let part = Tensor(inner, dtype, storage, offset: offset + dtype.bytes(for: range.lowerBound * stride))
        return part.made(from: [self]) { [shape] gradient in
            let whole = Tensor.zeros(shape)
            (whole.floats + range.lowerBound * stride).update(from: gradient.floats, count: gradient.shape.elements)
            return [whole]
        }
    }
}

extension Tensor {
    /// The same elements in another shape; one extent may be -1 and is worked out.
    public func reshaped(_ extents: Int...) -> Tensor {
        let unknown = unknown(beside: extents.reduce(1) { $1 < 0 ? $0 : $0 * $1 })
        return reshaped(all: Shape(extents.map { $0 < 0 ? unknown : $0 }))
    }

    /// The same for two or three extents, as every block of a network asks for: without a list of them.
    public func reshaped(_ a: Int, _ b: Int) -> Tensor {
        let unknown = unknown(beside: (a < 0 ? 1 : a) * (b < 0 ? 1 : b))
        return reshaped(all: Shape(a < 0 ? unknown : a, b < 0 ? unknown : b))
    }

    public func reshaped(_ a: Int, _ b: Int, _ c: Int) -> Tensor {
        let unknown = unknown(beside: (a < 0 ? 1 : a) * (b < 0 ? 1 : b) * (c < 0 ? 1 : c))
        return reshaped(all: Shape(a < 0 ? unknown : a, b < 0 ? unknown : b, c < 0 ? unknown : c))
    }

    private func unknown(beside known: Int) -> Int { known == 0 ? 0 : shape.elements / known }

    private func reshaped(all resolved: Shape) -> Tensor {
        precondition(layout == .rows, "a packed tensor keeps its shape")
        precondition(resolved.elements == shape.elements, "cannot reshape \(shape) to \(resolved)")
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

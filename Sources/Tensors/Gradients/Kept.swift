/// An input of an op as its gradient finds it: remembered, or made again.
///
/// A norm, a gated activation and what a dropout leaves are cheap to make again, and would be most of what is remembered (Chen et
/// al. 2016; Decision 0092).
struct Kept {
    let shape: Shape
    /// The same bits as at first, untracked.
    let elements: () -> Tensor
}

extension Kept {
    init(_ x: Tensor) {
        let plain = x.detached
        self.init(shape: x.shape, elements: x.again ?? { plain })
    }

    /// Some consecutive entries of the first axis.
    func rows(_ range: Range<Int>) -> Kept {
        Kept(shape: Shape([range.count] + shape.dropFirst())) { [elements] in elements().rows(range) }
    }
}

extension Tensor {
    /// Makes the elements again; nil where they are to be remembered.
    var again: (() -> Tensor)? { step?.again }

    /// Made by an op from `inputs`: whose gradient needs the result calls `make` for the same bits rather than keeping it.
    ///
    /// - Parameter make: may hold what the pullback holds anyway; nil for a result that is remembered.
    func made(
        from inputs: @autoclosure () -> [Tensor?],
        again make: @autoclosure () -> (() -> Tensor)?,
        _ pullback: @autoclosure () -> Step.Pullback
    ) -> Tensor {
        guard Step.isAsked else { return self }
        let result = made(from: inputs(), pullback())
        result.step?.make = make()
        return result
    }
}

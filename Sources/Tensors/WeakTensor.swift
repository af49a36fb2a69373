/// A tensor that keeps no bytes alive.
package struct WeakTensor: Sendable {
    private let shape: Shape, dtype: DType, layout: Tensor.Layout, offset: Int
    private weak var storage: Storage?

    package init(_ tensor: Tensor) {
        (shape, dtype, layout, offset) = (tensor.shape, tensor.dtype, tensor.layout, tensor.offset)
        storage = tensor.storage
    }

    /// The tensor, as long as somebody else holds its bytes.
    package var tensor: Tensor? { storage.map { Tensor(shape, dtype, $0, offset: offset, layout: layout) } }
}

extension Tensor {
    /// Whose the bytes are; nil for our own.
    package var owner: (any AnyObject & Sendable)? { storage.owner }

    /// Whether both begin at the same byte.
    package func isHeld(with other: Tensor) -> Bool { start == other.start }
}

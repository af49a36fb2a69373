/// An immutable n-dimensional array, dense and row-major, of a type known at run time.
///
/// Weights may also be *packed*: rewritten once, by ``packed()``, into the panels that the matrix kernels stream. A packed
/// tensor has the same shape and dtype and works in ``linear(_:_:bias:)`` and ``gather(_:rows:)``.
public struct Tensor: Sendable {
    enum Layout: Sendable { case rows, panels }

    public let shape: Shape
    public let dtype: DType
    let layout: Layout
    private(set) var storage: Storage
    /// Where the first element is, in bytes from the start of the storage.
    let offset: Int
    /// How it was made, where somebody asks for a gradient: see ``valueAndGradient(of:_:)``.
    private(set) var step: Step?

    init(_ shape: Shape, _ dtype: DType, _ storage: Storage, offset: Int = 0, layout: Layout = .rows) {
        (self.shape, self.dtype, self.storage, self.offset, self.layout) = (shape, dtype, storage, offset, layout)
    }

    /// Whether no other tensor shares the bytes, and they are our own.
    mutating func holdsAlone() -> Bool { isKnownUniquelyReferenced(&storage) && storage.isOwn }

    func with(_ step: Step?) -> Tensor {
        var tensor = self
        tensor.step = step
        return tensor
    }

    /// The same tensor, of which is known what its rows are as bytes. Whoever changes elements forgets it.
    func with(_ rounded: RoundedRows) -> Tensor {
        storage.rounded = rounded
        return self
    }

    /// What its rows are as bytes, if that is known.
    var rounded: RoundedRows? {
        guard let rounded = storage.rounded, offset == 0 else { return nil }
        return rounded.rows == shape.rows && rounded.width == shape.width ? rounded : nil
    }

    package var isRounded: Bool { rounded != nil }

    /// A new float tensor, filled by `fill`, which must write every element.
    init(_ shape: Shape, filling fill: (UnsafeMutablePointer<Float>) -> Void) {
        self.init(shape, .float32, Storage(shape.elements * 4))
        fill(storage.bytes.assumingMemoryBound(to: Float.self))
    }

    public init(_ scalars: [Float], shape: Shape) {
        precondition(scalars.count == shape.elements, "\(scalars.count) scalars cannot fill \(shape)")
        self.init(shape) { pointer in
            scalars.withUnsafeBufferPointer {
                if let base = $0.baseAddress { pointer.update(from: base, count: $0.count) }
            }
        }
    }

    public init(_ integers: [Int32], shape: Shape) {
        precondition(integers.count == shape.elements, "\(integers.count) integers cannot fill \(shape)")
        self.init(shape, .int32, Storage(integers.count * 4))
        integers.withUnsafeBytes {
            if let base = $0.baseAddress { storage.bytes.copyMemory(from: base, byteCount: $0.count) }
        }
    }

    /// A tensor over bytes that `owner` keeps alive and nobody changes, such as a mapped file.
    public init(
        borrowing bytes: UnsafeRawBufferPointer,
        owner: any AnyObject & Sendable,
        dtype: DType,
        shape: Shape
    ) {
        precondition(shape.width % dtype.blockSize == 0, "rows of \(shape) do not fill \(dtype) blocks")
        precondition(
            bytes.count == dtype.bytes(for: shape.elements),
            "\(bytes.count) bytes are not \(shape) of \(dtype)"
        )
        self.init(shape, dtype, Storage(borrowing: bytes, owner: owner))
    }

    /// A tensor of its own bytes, in GGUF's row-major order.
    public init(bytes: [UInt8], dtype: DType, shape: Shape) {
        precondition(
            bytes.count == dtype.bytes(for: shape.elements),
            "\(bytes.count) bytes are not \(shape) of \(dtype)"
        )
        self.init(shape, dtype, Storage(bytes.count))
        bytes.withUnsafeBytes {
            if let base = $0.baseAddress { storage.bytes.copyMemory(from: base, byteCount: $0.count) }
        }
    }

    var start: UnsafeMutableRawPointer { storage.bytes + offset }

    /// The elements of a float32 tensor.
    var floats: UnsafeMutablePointer<Float> {
        precondition(dtype == .float32, "expected float32, found \(dtype) \(shape)")
        return start.assumingMemoryBound(to: Float.self)
    }

    /// Calls `body` with the elements of a float32 tensor, without a copy.
    public func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(start: floats, count: shape.elements))
    }

    /// Calls `body` with the bytes of a tensor that is not packed, without a copy.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        precondition(layout == .rows, "a packed tensor has no plain bytes")
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: dtype.bytes(for: shape.elements)))
    }
}

/// The bytes behind one or more tensors, alive as long as any of them is.
final class Storage: @unchecked Sendable {
    let bytes: UnsafeMutableRawPointer
    let count: Int
    /// Keeps foreign bytes alive, such as a file's map; nil when the bytes are our own.
    let owner: (any AnyObject & Sendable)?
    /// The same rows as bytes, where who made them rounded them as well; told once, before anybody else has them.
    var rounded: RoundedRows?

    var isOwn: Bool { owner == nil }

    /// Uninitialised memory of our own.
    init(_ count: Int) {
        (bytes, self.count, owner) = (Memory.allocate(count), count, nil)
    }

    /// Somebody else's bytes, which are never written to.
    init(borrowing bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
        self.bytes = UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 64)!)
        (count, self.owner) = (bytes.count, owner)
    }

    deinit {
        if owner == nil { Memory.free(bytes, count) }
    }
}

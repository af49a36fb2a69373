import Foundation
public import Tensors

/// Writes a GGUF file, version 3, one tensor in memory at a time.
///
///     var writer = GGUFWriter(["general.architecture": .string("llama")])
///     writer.add("token_embd.weight", .q8_0, [32_000, 4096]) { try quantised(embedding) }
///     try writer.write(to: path)
///
/// The file appears whole or not at all.
public struct GGUFWriter {
    public var metadata: GGUFMetadata
    private var tensors: [Pending] = []
    /// What becomes of a model's tensors, for a writer that was made for one.
    public private(set) var plan: [PlannedTensor] = []

    private struct Pending {
        let name: String, type: GGUFTensorType, shape: [Int]
        let make: () throws -> Tensor
        var byteCount: Int { shape.reduce(1, *) / type.blockSize * type.bytesPerBlock }
    }

    public init(_ metadata: GGUFMetadata = [:]) { self.metadata = metadata }

    /// Adds a tensor that is made when its turn to be written comes; it must then have this dtype and shape.
    public mutating func add(_ name: String, _ dtype: DType, _ shape: [Int], _ make: @escaping () throws -> Tensor) {
        precondition(!tensors.contains { $0.name == name }, "tensor \(name) is added twice")
        precondition((shape.last ?? 1) % dtype.blockSize == 0, "rows of \(shape) do not fill \(dtype) blocks")
        tensors.append(Pending(name: name, type: GGUFTensorType(dtype), shape: shape, make: make))
    }

    public mutating func add(_ name: String, _ tensor: Tensor) {
        add(name, tensor.dtype, Array(tensor.shape)) { tensor }
    }

    /// Adds a model's tensor.
    mutating func add(_ planned: PlannedTensor, _ make: @escaping () throws -> Tensor) {
        plan.append(planned)
        add(planned.name, planned.stored, planned.shape, make)
    }

    /// How many bytes the file will have.
    public var byteCount: Int { padded(header().count) + tensors.reduce(0) { $0 + padded($1.byteCount) } }

    /// Writes the file beside its place, then renames it.
    ///
    /// - Parameter progress: told after each tensor how many bytes are written; what it throws ends the writing, and nothing
    ///   is left behind.
    /// - Throws: ``CheckpointError/unwritable(file:reason:)``, before it begins if the disk has no room.
    public func write(to path: String, progress: (_ bytes: Int) throws -> Void = { _ in }) throws {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        if let free = freeBytes(in: folder), free < byteCount {
            let reason = "not enough room in \(folder): \(byteCount) bytes are needed, \(free) are free; make room"
            throw CheckpointError.unwritable(file: path, reason: reason)
        }
        var written = 0
        try writeWhole(path) { sink in
            try write {
                try sink($0)
                written += $0.count
                try progress(written)
            }
        }
    }

    /// The file in memory.
    package func bytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        try write { bytes.append(contentsOf: $0) }
        return bytes
    }

    private var alignment: Int { metadata["general.alignment"]?.integer ?? GGUFHeader.defaultAlignment }

    private func padded(_ count: Int) -> Int { (count + alignment - 1) & ~(alignment - 1) }

    private func write(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        let header = header()
        try header.withUnsafeBytes(sink)
        try zeros(padded(header.count) - header.count, sink)
        for pending in tensors {
            let tensor = try pending.make()
            precondition(
                Array(tensor.shape) == pending.shape && tensor.dtype == pending.type.dtype,
                "\(pending.name) changed"
            )
            try tensor.withBytes(sink)
            try zeros(padded(pending.byteCount) - pending.byteCount, sink)
        }
    }

    private func zeros(_ count: Int, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        try [UInt8](repeating: 0, count: count).withUnsafeBytes(sink)
    }

    private func header() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(integer: GGUFHeader.magic)
        bytes.append(integer: UInt32(3))
        bytes.append(integer: UInt64(tensors.count))
        bytes.append(integer: UInt64(metadata.count))
        for (key, value) in metadata {
            bytes.append(string: key)
            bytes.append(integer: value.type.rawValue)
            value.append(to: &bytes)
        }
        var offset = 0
        for tensor in tensors {
            bytes.append(string: tensor.name)
            bytes.append(integer: UInt32(tensor.shape.count))
            for extent in tensor.shape.reversed() { bytes.append(integer: UInt64(extent)) }
            bytes.append(integer: tensor.type.code)
            bytes.append(integer: UInt64(offset))
            offset += padded(tensor.byteCount)
        }
        return bytes
    }
}

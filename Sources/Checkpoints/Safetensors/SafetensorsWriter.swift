import Foundation
public import Tensors

/// Writes a safetensors file, one tensor in memory at a time.
///
///     var writer = SafetensorsWriter()
///     writer.add("model.norm.weight", norm)
///     try writer.write(to: "model.safetensors")
///
/// The file appears whole or not at all. Tensors lie with the widest type first and then by name, as the reference library lays them,
/// so that each is aligned.
public struct SafetensorsWriter {
    public var metadata: [String: String]
    private var tensors: [String: Pending] = [:]

    private struct Pending {
        let type: String, dtype: DType, shape: [Int], make: () throws -> Tensor
        var byteCount: Int { dtype.bytes(for: shape.reduce(1, *)) }
    }

    public init(_ metadata: [String: String] = ["format": "pt"]) { self.metadata = metadata }

    /// Adds a tensor that is made when its turn to be written comes; it must then have this dtype and shape.
    ///
    /// - Throws: `CheckpointError.unsupported` for a quantised type, which the format has no name for.
    public mutating func add(_ name: String, _ dtype: DType, _ shape: [Int], _ make: @escaping () throws -> Tensor)
        throws
    {
        guard let type = SafetensorsType.name(dtype) else {
            let what = "\(dtype) has no name in safetensors; write F32, F16 or BF16, or a GGUF file"
            throw CheckpointError.unsupported(file: name, what: what)
        }
        precondition(tensors[name] == nil && name != "__metadata__", "tensor \(name) cannot be added")
        tensors[name] = Pending(type: type, dtype: dtype, shape: shape, make: make)
    }

    public mutating func add(_ name: String, _ tensor: Tensor) throws {
        try add(name, tensor.dtype, Array(tensor.shape)) { tensor }
    }

    public func write(to path: String) throws { try writeWhole(path, write) }

    /// The file in memory.
    package func bytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        try write { bytes.append(contentsOf: $0) }
        return bytes
    }

    private func write(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        let ordered = tensors.sorted {
            (-$0.value.dtype.bytesPerBlock, $0.key) < (-$1.value.dtype.bytesPerBlock, $1.key)
        }
        try header(ordered).withUnsafeBytes(sink)
        for (name, pending) in ordered {
            let tensor = try pending.make()
            precondition(Array(tensor.shape) == pending.shape && tensor.dtype == pending.dtype, "\(name) changed")
            try tensor.withBytes(sink)
        }
    }

    /// Eight bytes of length, and JSON that spaces fill up to a multiple of eight.
    private func header(_ ordered: [(key: String, value: Pending)]) throws -> [UInt8] {
        var fields: [String: Field] = metadata.isEmpty ? [:] : ["__metadata__": .text(metadata)], offset = 0
        for (name, pending) in ordered {
            let end = offset + pending.byteCount
            fields[name] = .entry(.init(dtype: pending.type, shape: pending.shape, data_offsets: [offset, end]))
            offset = end
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var json = Array(try encoder.encode(fields))
        json += [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
    }

    private enum Field: Encodable {
        case text([String: String]), entry(SafetensorsHeader.Entry)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .text(let text): try text.encode(to: encoder)
            case .entry(let entry): try entry.encode(to: encoder)
            }
        }
    }
}

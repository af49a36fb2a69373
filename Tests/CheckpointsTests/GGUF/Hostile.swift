import Checkpoints
import Tensors

/// Writes GGUF files as nobody should.
struct Hostile {
    var bytes: [UInt8] = []

    /// A file's beginning, with any counts.
    init(tensors: UInt64 = 0, keys: UInt64 = 0, version: UInt32 = 3) {
        bytes += Array("GGUF".utf8)
        add(version)
        add(tensors)
        add(keys)
    }

    mutating func add(_ integer: some FixedWidthInteger & BitwiseCopyable) {
        withUnsafeBytes(of: integer.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(string: [UInt8], claiming length: UInt64? = nil) {
        add(length ?? UInt64(string.count))
        bytes += string
    }

    func key(_ name: String, type: UInt32, _ fill: (inout Hostile) -> Void = { _ in }) -> Hostile {
        var copy = self
        copy.add(string: Array(name.utf8))
        copy.add(type)
        fill(&copy)
        return copy
    }

    func tensor(_ name: String, _ shape: [UInt64], type: UInt32 = 0, at offset: UInt64 = 0) -> Hostile {
        var copy = self
        copy.add(string: Array(name.utf8))
        copy.add(UInt32(shape.count))
        for extent in shape { copy.add(extent) }
        copy.add(type)
        copy.add(offset)
        return copy
    }

    /// The file with data behind its header.
    func data(_ count: Int) -> Hostile {
        var copy = self
        copy.bytes += [UInt8](repeating: 0, count: (copy.bytes.count + 31) & ~31 - copy.bytes.count + count)
        return copy
    }

    /// Opens a file and touches all that it gives; whatever the bytes are, this returns or throws.
    static func open(_ bytes: [UInt8]) throws {
        let file = try GGUFFile(bytes: bytes, name: "hostile.gguf")
        for (_, value) in file.metadata {
            _ = value.description.utf8.count
            _ = value.numbers?.floats
            _ = value.numbers?.integers
            if let strings = value.strings { for index in strings.indices { _ = strings.bytes(at: index) } }
        }
        for tensor in file.tensors where tensor.type.dtype != nil { _ = try file.stored(tensor).bytes.last }
        _ = ModelDescription(file)
        for layer in 0..<2 {
            for name in ["self_attn.q_proj.weight", "self_attn.k_proj.bias", "mlp.up_proj.weight"] {
                _ = try file.weights.tensor("model.layers.\(layer).\(name)", nil)?.bytes.last
            }
        }
    }

    /// A sound file of a few hundred bytes with a bit of everything.
    static func sound() throws -> [UInt8] {
        var writer = GGUFWriter([
            "general.architecture": .string("llama"), "general.alignment": .uint32(8),
            "llama.attention.head_count": .uint32(2),
            "llama.embedding_length": .uint32(4), "llama.rope.freq_base": .float32(10_000), "flag": .bool(true),
            "tokenizer.ggml.tokens": .array(GGUFArray(["a", "雨"])), "scores": .array(GGUFArray([Float(1), 2])),
            "nested": .array(.arrays([GGUFArray([Int32(1)]), GGUFArray([true])])),
        ])
        writer.add("token_embd.weight", Tensor([Float](repeating: 1, count: 8), shape: [2, 4]))
        writer.add("blk.0.attn_q.weight", Tensor([Float](repeating: 2, count: 16), shape: [4, 4]))
        writer.add("blk.0.attn_k.bias", Tensor([Float](repeating: 2, count: 4), shape: [4]))
        writer.add(
            "blk.1.ffn_up.weight",
            Tensor(bytes: [UInt8](repeating: 3, count: 18), dtype: .q4_0, shape: [1, 32])
        )
        return try writer.bytes()
    }
}

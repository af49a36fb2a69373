public import Tensors

/// What the Hub's checkpoints of one architecture do otherwise than models want it.
///
///     let hub = HubArchitecture.named("gpt2")
///     let network = try GPT2(settings, Weights(hub.weights(SafetensorsFile(path: path))))
///     for (name, tensor) in parameters { try writer.add(name, hub.stored(tensor, named: name)) }
///
/// Most do nothing otherwise. GPT-2's keep four matrices of each layer as `[inputs, outputs]`, since its layers once were
/// convolutions; models, and so parameters that learn, have all matrices as `[outputs, inputs]`.
public struct HubArchitecture: Sendable {
    /// Matrices that the files keep as `[inputs, outputs]`, by the ends of their names.
    var turned: [String] = []
    /// What some files leave out at the beginning of every name.
    var prefix = ""

    /// What is known of an architecture by its `model_type`.
    public static func named(_ modelType: String) -> HubArchitecture { all[modelType] ?? HubArchitecture() }

    private static let all = ["gpt2": gpt2]

    private static let gpt2 = HubArchitecture(
        turned: [".attn.c_attn.weight", ".attn.c_proj.weight", ".mlp.c_fc.weight", ".mlp.c_proj.weight"],
        prefix: "transformer."
    )

    /// A file's weights as models want them.
    public func weights(_ file: any WeightSource) -> any WeightSource {
        turned.isEmpty && prefix.isEmpty ? file : HubWeights(file: file, architecture: self)
    }

    /// A model's tensor as the files keep it.
    ///
    /// - Throws: ``CheckpointError/unsupported(file:what:)`` for a quantised matrix that would have to be turned.
    public func stored(_ tensor: Tensor, named name: String) throws -> Tensor {
        turned.contains(where: name.hasSuffix) ? try tensor.turned(name) : tensor
    }
}

private struct HubWeights: WeightSource {
    let file: any WeightSource, architecture: HubArchitecture

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        let prefix = architecture.prefix
        var found = try file.tensor(name, fresh)
        if found == nil, name.hasPrefix(prefix) {
            found = try file.tensor(String(name.dropFirst(prefix.count)), fresh)
        }
        // What turns a matrix turns it back.
        return try found.map { try architecture.stored($0, named: name) }
    }
}

extension Tensor {
    /// The transpose of a matrix in the same float type.
    fileprivate func turned(_ name: String) throws -> Tensor {
        guard !dtype.isQuantized, !isPacked else {
            throw CheckpointError.unsupported(
                file: name,
                what: "a matrix of \(dtype) cannot be turned; store it as floats"
            )
        }
        guard shape.count == 2 else { return self }
        let (rows, columns) = (shape[0], shape[1]), size = dtype.bytesPerBlock
        let block = withBytes { source in
            let block = MemoryBlock(source.count)
            switch size {
            case 2: turn(source, block.buffer, rows, columns, UInt16.self)
            default: turn(source, block.buffer, rows, columns, UInt32.self)
            }
            return block
        }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        return Tensor(borrowing: bytes, owner: block, dtype: dtype, shape: [columns, rows])
    }
}

/// In squares that stay in the nearest cache.
private func turn<Element: BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer,
    _ target: UnsafeMutableRawBufferPointer,
    _ rows: Int,
    _ columns: Int,
    _: Element.Type
) {
    let (x, y) = (source.bindMemory(to: Element.self), target.bindMemory(to: Element.self)), side = 16
    for top in stride(from: 0, to: rows, by: side) {
        for left in stride(from: 0, to: columns, by: side) {
            for row in top..<min(top + side, rows) {
                for column in left..<min(left + side, columns) { y[column * rows + row] = x[row * columns + column] }
            }
        }
    }
}

public import Tensors

/// Named tensors in one file, as Hugging Face defines it, mapped into memory.
///
///     let file = try SafetensorsFile(path: "model.safetensors")
///     let model = try Llama(settings, Weights(file))
///
/// The header is checked when the file is opened; bytes are touched only when they are used, and tensors keep the map alive.
public struct SafetensorsFile: WeightSource {
    public let path: String
    /// What the header says about the file as a whole, such as `format`.
    public let metadata: [String: String]
    /// In the order of their bytes.
    public let tensors: [SafetensorsTensor]
    private let byName: [String: SafetensorsTensor]
    private let data: Bytes

    public init(path: String) throws {
        let map = try MappedFile(path: path)
        try self.init(Bytes(borrowing: map.bytes, owner: map), path: path)
    }

    /// Reads a file that is already in memory; `name` is what errors call it.
    public init(bytes: [UInt8], name: String) throws { try self.init(Bytes(bytes), path: name) }

    private init(_ bytes: Bytes, path: String) throws {
        let header = try SafetensorsHeader(bytes, file: path)
        (self.path, metadata, tensors) = (path, header.metadata, header.tensors)
        byName = Dictionary(header.tensors.map { ($0.name, $0) }) { first, _ in first }
        data = bytes[header.start..<bytes.count]
    }

    /// A tensor of bytes, of which nothing is made.
    func raw(_ name: String) -> RawTensor? {
        guard let tensor = byName[name], tensor.type == "U8" else { return nil }
        return RawTensor(name: name, shape: tensor.shape, bytes: data[tensor.range])
    }

    /// - Throws: `CheckpointError.unsupported` for a weight or a bias of a type that nothing here computes with.
    package func requireWeightsToBeRead() throws {
        let isWeight: (SafetensorsTensor) -> Bool = { $0.name.hasSuffix(".weight") || $0.name.hasSuffix(".bias") }
        guard let odd = tensors.first(where: { $0.dtype == nil && isWeight($0) }) else { return }
        throw SafetensorsType.unread(odd.name, odd.type, path)
    }

    public func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let tensor = byName[name] else { return nil }
        guard let dtype = tensor.dtype else { throw SafetensorsType.unread(name, tensor.type, path) }
        guard tensor.shape.count <= 4 else {
            throw CheckpointError.unsupported(
                file: path,
                what: "tensor \(name) has \(tensor.shape.count) axes; 4 are read"
            )
        }
        var slice = data[tensor.range]
        // Files of other makers may put floats at odd places.
        if Int(bitPattern: slice.buffer.baseAddress) % dtype.bytesPerBlock != 0 { slice = Bytes(slice.buffer) }
        prefetch(slice.buffer)
        return Tensor(borrowing: slice.buffer, owner: slice.owner, dtype: dtype, shape: Shape(tensor.shape))
    }
}

extension SafetensorsFile: NamedWeights {
    /// In the order of their bytes.
    public var entries: [WeightEntry] {
        tensors.compactMap { tensor in tensor.dtype.map { WeightEntry(tensor.name, $0, tensor.shape) } }
    }
}

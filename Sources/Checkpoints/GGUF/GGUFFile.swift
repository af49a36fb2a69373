public import Tensors

/// A model in one file, as the ggml project defines it, mapped into memory.
///
///     let file = try GGUFFile(path: "SmolLM2-135M-Instruct.Q4_1.gguf")
///     let model = try Llama(file.settings, Weights(file.weights))
///
/// Versions 2 and 3, little-endian. The header is read and checked when the file is opened; the tensors' bytes are touched
/// only when they are used, and tensors keep the map alive.
public struct GGUFFile: Sendable {
    public let path: String
    public let metadata: GGUFMetadata
    /// The tensors in the file's order, under the file's names.
    public let tensors: [GGUFTensor]
    /// The version of the format, and what tensors' offsets are a multiple of.
    public let version, alignment: Int
    /// The metadata under the names and conventions of Hugging Face's config.json.
    public let settings: Settings
    /// The tensors under Hugging Face's names, in Hugging Face's order of rows.
    public let weights: any NamedWeights
    private let plain: GGUFWeights

    public init(path: String) throws {
        let map = try MappedFile(path: path)
        try self.init(Bytes(borrowing: map.bytes, owner: map), path: path)
    }

    /// Reads a file that is already in memory; `name` is what errors call it.
    public init(bytes: [UInt8], name: String) throws { try self.init(Bytes(bytes), path: name) }

    private init(_ bytes: Bytes, path: String) throws {
        let header = try GGUFHeader(bytes, file: path)
        (self.path, metadata, tensors) = (path, header.metadata, header.tensors)
        (version, alignment) = (Int(header.version), header.alignment)
        try GGUFFile.refuseParts(header.metadata, path)
        let translation = try GGUFTranslation(header, bytes, file: path)
        (settings, weights) = (translation.settings, translation.weights)
        plain = GGUFWeights(file: path, bytes: bytes, tensors: [:])
    }

    /// A tensor as the file has it: its own name, its own order of rows.
    public func stored(_ tensor: GGUFTensor) throws -> Tensor { try plain.tensor(tensor) }

    /// The architecture as the file spells it, such as `llama`.
    public var architecture: String { metadata["general.architecture"]?.text ?? "" }

    /// The bytes of all tensors.
    public var tensorBytes: Int { tensors.reduce(0) { $0 + $1.range.count } }

    /// The number of all tensors' elements.
    public var parameters: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }

    private static func refuseParts(_ metadata: GGUFMetadata, _ path: String) throws {
        guard let parts = metadata["split.count"]?.integer, parts > 1 else { return }
        throw CheckpointError.unsupported(file: path, what: "this is one of \(parts) parts of a model; join them first")
    }
}

/// The tensors of a GGUF file under other names.
struct GGUFWeights: WeightSource {
    let file: String
    let bytes: Bytes
    /// By the name a model uses.
    let tensors: [String: GGUFTensor]

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        try tensors[name].map(tensor)
    }

    func tensor(_ tensor: GGUFTensor) throws -> Tensor {
        guard let dtype = tensor.type.dtype else {
            let what =
                "tensor \(tensor.name) is stored as \(tensor.type.name), which is not supported; fetch the model in "
            throw CheckpointError.unsupported(file: file, what: what + "another quantisation, such as Q4_K_M or Q8_0")
        }
        let slice = bytes[tensor.range]
        prefetch(slice.buffer)
        return Tensor(borrowing: slice.buffer, owner: slice.owner, dtype: dtype, shape: Shape(tensor.shape))
    }
}

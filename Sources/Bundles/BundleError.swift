/// Why files do not make a model, or a model cannot be written as files.
public enum BundleError: Error, Hashable, Sendable {
    /// Neither a GGUF file nor a folder with a model or an adapter in it.
    case noModel(path: String)
    case unreadable(file: String, reason: String)
    /// The file is there, but not what it should be.
    case malformed(file: String, problem: String)
    /// The file is sound, but asks for what is not known here.
    case unsupported(file: String, what: String)
    case missingMetadata(String)
    case badMetadata(String, expected: String)
    /// The tokenizer has more tokens than the network has rows.
    case vocabulary(tokens: Int, rows: Int)
    /// Tokenizer or template are not those the weights were made with; `differing` names them.
    case changed(path: String, differing: [String])
    /// The adapter was made over a base with another tokenizer or template.
    case otherBase(adapter: String, base: String, differing: [String])
    case unknownBase(adapter: String, base: String, reason: String)
    case unwritable(path: String, reason: String)
    /// The format cannot say what the model is.
    case inexpressible(format: String, what: String)
}

extension BundleError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noModel(let path):
            "\(path) is no model: neither a GGUF file nor a folder with config.json or adapter_config.json"
        case .unreadable(let file, let reason): "cannot read \(file): \(reason)"
        case .malformed(let file, let problem): "\(file): \(problem)"
        case .unsupported(let file, let what): "\(file): \(what)"
        case .missingMetadata(let key): "the file does not say “\(key)”; convert it again with a recent converter"
        case .badMetadata(let key, let expected): "“\(key)” should be \(expected); the file was put together wrongly"
        case .vocabulary(let tokens, let rows):
            "the tokenizer has \(tokens) tokens but the network has rows for \(rows); they do not belong together"
        case .changed(let path, let differing):
            "the \(Self.list(differing)) of \(path) is not the one its weights were made with, so answers would be wrong; "
                + "put the original back, or open it with --ignore-fingerprint"
        case .otherBase(let adapter, let base, let differing):
            "the adapter \(adapter) was made over a model with another \(Self.list(differing)) than \(base); "
                + "take the model it was made over, or open it with --ignore-fingerprint"
        case .unknownBase(let adapter, let base, let reason):
            "the adapter \(adapter) belongs to “\(base)”, which cannot be opened (\(reason)); "
                + "pull that model, or write its path as base_model_name_or_path"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .inexpressible(let format, let what): "\(format) cannot hold this model: \(what)"
        }
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: " and the ") }
}

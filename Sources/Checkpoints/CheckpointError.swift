/// What can be wrong with a checkpoint: its file, its settings or its tensors.
public enum CheckpointError: Error, Hashable, Sendable {
    /// The file cannot be opened or read: missing, a folder, no permission.
    case unreadable(file: String, reason: String)
    /// The bytes are not what the format promises. `offset` is where, in bytes from the start of the file.
    case malformed(file: String, offset: Int, problem: String)
    /// The file is sound, but of a kind that this version does not read.
    case unsupported(file: String, what: String)
    /// The file could not be written.
    case unwritable(file: String, reason: String)

    case missingTensor(String)
    case shape(String, expected: [Int], found: [Int])

    case missingKey(String)
    case setting(key: String, value: String, expected: String)
}

extension CheckpointError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "cannot read \(file): \(reason)"
        case .malformed(let file, let offset, let problem):
            "\(file) is damaged at byte \(offset), or no model at all: \(problem). If it was pulled, yuyan rm and pull it again"
        case .unsupported(let file, let what):
            "\(file): \(what)"
        case .unwritable(let file, let reason):
            "cannot write \(file): \(reason)"
        case .missingTensor(let name):
            "the checkpoint has no tensor \(name), which its architecture needs; \(Self.mixed)"
        case .shape(let name, let expected, let found):
            "tensor \(name) has shape \(found), but the checkpoint's settings call for \(expected); \(Self.mixed)"
        case .missingKey(let key):
            "the checkpoint's settings lack \(key)"
        case .setting(let key, let value, let expected):
            "the checkpoint's setting \(key) is \(value); expected \(expected)"
        }
    }

    private static let mixed = "the files are incomplete, or of two models: fetch them again"
}

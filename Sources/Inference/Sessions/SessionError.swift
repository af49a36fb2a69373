/// Why a saved session cannot be used.
public enum SessionError: Error, Sendable, Hashable {
    /// The file is cut short, was changed, or is none of ours.
    case damaged(path: String, reason: String)
    /// It was saved with other weights, or another type of cache.
    case otherModel(path: String, reason: String)
    /// The model's weights or cache are not of the kind that can be saved.
    case notKept(String)
    case badName(String)
    case system(path: String, reason: String)
}

extension SessionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .damaged(let path, let reason):
            "\(path) is no session that can be restored: \(reason). Delete it, or take another name"
        case .otherModel(let path, let reason): "\(path) was saved with another model: \(reason). Take another name"
        case .notKept(let reason): "nothing of this model can be saved: \(reason)"
        case .badName(let name):
            "'\(name)' cannot be a session's name: 1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit"
        case .system(let path, let reason): "\(path): \(reason)"
        }
    }
}

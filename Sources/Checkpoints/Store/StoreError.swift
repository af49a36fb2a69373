/// What can go wrong with the store and with fetching.
public enum StoreError: Error, Hashable, Sendable {
    /// Nothing has that name. `known` are the names most like it.
    case unknownModel(String, known: [String])
    /// The catalogue has the model, the store does not.
    case notPulled(String)
    /// What was to be fetched cannot be understood.
    case badReference(String, reason: String)
    /// No source gave the file; one reason for each.
    case unavailable(String, reasons: [String])
    /// A web server's answer, with what to do about it.
    case http(status: Int, url: String, advice: String)
    case network(url: String, reason: String)
    case wrongHash(file: String, expected: String, found: String)
    /// A file of the store is not what its note or the catalogue says.
    case damaged(path: String, name: String, expected: String, found: String)
    case wrongSize(file: String, expected: Int, found: Int)
    case noSpace(folder: String, needed: Int, free: Int)
    /// The system's refusal to read or write.
    case system(path: String, reason: String)
    /// Another process has the file in its hands.
    case busy(String)
    /// Python's pip, or the wheel it brought.
    case python(String)
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownModel(let name, let known):
            "there is no model \(name). " + (known.isEmpty ? "" : "Did you mean \(known.joined(separator: ", "))? ")
                + "yuyan list --all shows what there is"
        case .notPulled(let name): "\(name) is not in the store yet: yuyan pull \(name)"
        case .badReference(let text, let reason): "\(text): \(reason)"
        case .unavailable(let name, let reasons):
            "\(name) could not be fetched:" + reasons.map { "\n  " + $0 }.joined()
        case .http(let status, let url, let advice): "\(url) answered \(status): \(advice)"
        case .network(let url, let reason): "\(url): \(reason)"
        case .wrongHash(let file, let expected, let found):
            "\(file) is not what was promised and was removed: SHA-256 is \(found), expected \(expected)"
        case .damaged(let path, let name, let expected, let found):
            "\(path) is damaged or another file: SHA-256 is \(found), expected \(expected). yuyan pull \(name) fetches "
                + "it again; a file of your own needs another name"
        case .wrongSize(let file, let expected, let found):
            "\(file) has \(found) bytes, expected \(expected)"
        case .noSpace(let folder, let needed, let free):
            "not enough room in \(folder): \(needed) bytes are needed, \(free) are free; make room there, or set "
                + "YUYAN_HOME to a folder on another disk"
        case .system(let path, let reason): "\(path): \(reason)"
        case .busy(let name): "\(name) is being fetched or removed by another process"
        case .python(let reason): reason
        }
    }
}

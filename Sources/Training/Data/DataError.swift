/// What can be wrong with training data: its files, its rows or its shards.
public enum DataError: Error, Hashable, Sendable {
    case unreadable(file: String, reason: String)
    /// The file is of a kind that is not read here.
    case unsupported(file: String, what: String)
    case unwritable(path: String, reason: String)
    /// Shards that are not what a preparation wrote.
    case damaged(file: String, problem: String)
    /// More rows than allowed cannot be learnt from; the first of them.
    case tooManyRejected(limit: Int, first: [String])
    /// Nothing is left to learn from.
    case empty(reason: String)
    /// Another process prepares the same data.
    case busy(path: String)
    /// A place in the data that this data does not have.
    case cursor(problem: String)
}

extension DataError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "cannot read \(file): \(reason)"
        case .unsupported(let file, let what): "\(file): \(what)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .damaged(let file, let problem):
            "\(file) is damaged: \(problem). Remove its folder; it is made again from the sources"
        case .tooManyRejected(let limit, let first):
            "more than \(limit) rows cannot be learnt from: \(first.joined(separator: "; "))"
        case .empty(let reason): "there is nothing to learn from: \(reason)"
        case .busy(let path): "\(path) is being prepared by another process; wait for it"
        case .cursor(let problem): "the place in the data is not one of this data: \(problem)"
        }
    }
}

/// Why one row cannot be learnt from.
package struct RowProblem: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// A row of what was selected; its columns are asked for by name.
///
/// A name that was not selected is our mistake and crashes; a value of another kind than asked for is the file's, and throws
/// ``StoreError/unreadable(column:found:)``.
public struct Row: Hashable, Sendable {
    private let columns: [String: Datum]

    /// - Parameter columns: the value of each column that was selected.
    public init(_ columns: [String: Datum]) { self.columns = columns }

    /// The value as it is.
    public subscript(column: String) -> Datum {
        guard let datum = columns[column] else {
            preconditionFailure("column '\(column)' was not selected; these were: \(columns.keys.sorted())")
        }
        return datum
    }

    public func integer(_ column: String) throws(StoreError) -> Int {
        guard case .integer(let value) = self[column] else { throw unreadable(column) }
        return value
    }

    /// A number; one without a fraction may have been kept as an integer.
    public func real(_ column: String) throws(StoreError) -> Double {
        switch self[column] {
        case .real(let value): return value
        case .integer(let value): return Double(value)
        default: throw unreadable(column)
        }
    }

    public func text(_ column: String) throws(StoreError) -> String {
        guard case .text(let value) = self[column] else { throw unreadable(column) }
        return value
    }

    /// Nil where the column is null.
    public func optionalInteger(_ column: String) throws(StoreError) -> Int? {
        self[column] == .null ? nil : try integer(column)
    }

    public func optionalReal(_ column: String) throws(StoreError) -> Double? {
        self[column] == .null ? nil : try real(column)
    }

    public func optionalText(_ column: String) throws(StoreError) -> String? {
        self[column] == .null ? nil : try text(column)
    }

    private func unreadable(_ column: String) -> StoreError { .unreadable(column: column, found: self[column]) }
}

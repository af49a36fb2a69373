import Foundation

/// The first row of a table.
enum TableHeader {
    /// - Throws: `DataError.unreadable` where the names cannot be read, are missing or not distinct.
    static func columns(_ row: Row, _ separator: UInt8, _ url: URL) throws(DataError) -> [String] {
        func failure(_ reason: String) -> DataError {
            .unreadable(file: url.path, reason: "the first row must name the columns, but \(reason)")
        }
        if let problem = row.problem { throw failure("\(problem)") }
        let names: [String]
        do { names = try TableFields(separator: separator)(row.bytes) } catch { throw failure("\(error)") }
        guard names.allSatisfy({ !$0.isEmpty }) else { throw failure("one has no name") }
        guard Set(names).count == names.count else { throw failure("two have one name: \(names)") }
        return names
    }
}

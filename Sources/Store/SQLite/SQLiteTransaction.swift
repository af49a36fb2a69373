import GRDB

struct SQLiteTransaction: Transaction {
    let connection: GRDB.Database

    func rows(_ sql: String, _ parameters: [Datum]) throws -> [Row] {
        let statement = try connection.cachedStatement(sql: sql)
        return try GRDB.Row.fetchAll(statement, arguments: arguments(parameters)).map(row)
    }

    func execute(_ sql: String, _ parameters: [Datum]) throws -> Int {
        let before = connection.totalChangesCount
        try connection.cachedStatement(sql: sql).execute(arguments: arguments(parameters))
        return connection.totalChangesCount - before
    }

    /// SQLite takes `$1` for a name, so parameters may stand in any order, and twice.
    private func arguments(_ parameters: [Datum]) throws(StoreError) -> StatementArguments {
        var named: [String: (any DatabaseValueConvertible)?] = [:]
        for (index, datum) in parameters.enumerated() {
            if case .text(let text) = datum, text.utf8.contains(0) { throw .unstorable(text: text) }
            named[String(index + 1)] = datum.sqlite
        }
        return StatementArguments(named)
    }

    private func row(_ row: GRDB.Row) -> Row {
        Row(Dictionary(row.map { ($0, Datum($1)) }) { first, _ in first })
    }
}

extension Datum {
    fileprivate var sqlite: (any DatabaseValueConvertible)? {
        switch self {
        case .null: nil
        case .integer(let value): value
        case .real(let value): value
        case .text(let value): value
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(Int(value))
        case .double(let value): self = .real(value)
        case .string(let value): self = .text(value)
        case .blob(let data): self = .text(String(decoding: data, as: UTF8.self))
        }
    }
}

import HTTPTypes
import Store
package import Text

/// The responses' rows: the youngest ones, for a while.
package final class ResponseRecords: Sendable {
    /// How much is kept.
    package struct Retention: Sendable {
        /// The most responses; of more the oldest go.
        package var count: Int
        /// Seconds after which one goes.
        package var lifetime: Int

        package init(count: Int, lifetime: Int) { (self.count, self.lifetime) = (count, lifetime) }
    }

    private let database: any Database
    private let clock: @Sendable () -> Int

    static let migrations = [
        Migration(
            "responses-001",
            """
            CREATE TABLE responses (
                id TEXT PRIMARY KEY NOT NULL,
                number BIGINT NOT NULL UNIQUE,
                created_at BIGINT NOT NULL,
                status TEXT NOT NULL,
                is_background BIGINT NOT NULL,
                parent TEXT,
                body TEXT NOT NULL,
                input TEXT NOT NULL,
                events TEXT
            )
            """,
            "CREATE INDEX responses_of_age ON responses (created_at)",
            "CREATE INDEX responses_of_status ON responses (status)"
        ),
        Migration(
            "responses-002",
            "ALTER TABLE responses ADD COLUMN is_deleted BIGINT NOT NULL DEFAULT 0",
            "CREATE INDEX responses_of_parent ON responses (parent)"
        ),
    ]

    init(database: any Database, clock: @escaping @Sendable () -> Int) throws {
        (self.database, self.clock) = (database, clock)
        try giveUp()
    }

    private static let open = ResponseStatus.allCases.filter { !$0.isFinal }.map { "'\($0.rawValue)'" }
        .joined(separator: ", ")

    /// Those that an earlier process was about to make will never be finished.
    private func giveUp() throws {
        try database.write { transaction in
            let rows = try transaction.rows("SELECT * FROM responses WHERE status IN (\(Self.open))")
            for row in rows {
                var response = try StoredResponse(row)
                response.move(to: .failed, failure: "The server ended before this response was finished. Ask again.")
                try write(response, transaction)
            }
        }
    }
}

// MARK: Keeping

extension ResponseRecords {
    /// Keeps a response, a new one or as it stands now, and lets go of those that are too old or too many.
    package func keep(_ response: StoredResponse, _ retention: Retention) throws {
        try database.write { transaction in
            try transaction.execute("DELETE FROM responses WHERE id = $1", [.text(response.id)])
            try transaction.execute(
                """
                INSERT INTO responses (id, number, created_at, status, is_background, parent, body, input, events)
                VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM responses), $2, $3, $4, $5, $6, $7, $8)
                """,
                [
                    .text(response.id), .integer(clock()), .text(response.status.rawValue),
                    .integer(response.isBackground ? 1 : 0), Datum(response.parent), .text(response.body.text()),
                    .text(JSON.array(response.input).text()), Datum(response.events),
                ]
            )
            try sweep(retention, transaction)
        }
    }

    /// Writes how a response stands now, if it is still kept.
    package func update(_ response: StoredResponse) throws { try database.write { try write(response, $0) } }

    private func write(_ response: StoredResponse, _ transaction: any Transaction) throws {
        try transaction.execute(
            "UPDATE responses SET status = $2, body = $3, events = $4 WHERE id = $1",
            [
                .text(response.id), .text(response.status.rawValue), .text(response.body.text()),
                Datum(response.events),
            ]
        )
    }

    private func sweep(_ retention: Retention, _ transaction: any Transaction) throws {
        try transaction.execute(
            """
            DELETE FROM responses WHERE status NOT IN (\(Self.open)) AND (created_at <= $1 OR number <=
                (SELECT number FROM responses ORDER BY number DESC LIMIT 1 OFFSET $2))
            """,
            [.integer(clock() - retention.lifetime), .integer(retention.count)]
        )
        try forget(transaction)
    }

    /// Nobody finds it any more; what it said stays for as long as a response goes back to it.
    ///
    /// - Returns: false where there is none of that identity.
    package func remove(_ id: String) throws -> Bool {
        try database.write { transaction in
            let sql = "UPDATE responses SET is_deleted = 1 WHERE id = $1 AND is_deleted = 0"
            guard try transaction.execute(sql, [.text(id)]) > 0 else { return false }
            try forget(transaction)
            return true
        }
    }

    /// Deleted ones that no other goes back to, one after the other up their chain.
    private func forget(_ transaction: any Transaction) throws {
        let sql = """
            DELETE FROM responses WHERE is_deleted = 1 AND NOT EXISTS
                (SELECT 1 FROM responses AS child WHERE child.parent = responses.id)
            """
        while try transaction.execute(sql) > 0 {}
    }
}

// MARK: Finding

extension ResponseRecords {
    package func find(_ id: String, _ retention: Retention) throws -> StoredResponse? {
        try database.read { try find(id, retention, $0) }
    }

    /// - Parameter evenDeleted: whether one that was deleted will do.
    private func find(
        _ id: String,
        _ retention: Retention,
        _ transaction: any Transaction,
        evenDeleted: Bool = false
    ) throws -> StoredResponse? {
        // No database has such a text.
        guard !id.utf8.contains(0) else { return nil }
        return try transaction.row(
            "SELECT * FROM responses WHERE id = $1 AND created_at > $2 AND is_deleted <= $3",
            [.text(id), .integer(clock() - retention.lifetime), .integer(evenDeleted ? 1 : 0)]
        ).map(StoredResponse.init)
    }

    /// An item of a response's input or output. Identities of items that were made here go on from their response's.
    func item(_ id: String, _ retention: Retention) throws -> JSON? {
        guard let start = id.firstIndex(of: "_") else { return nil }
        return try database.read { transaction in
            let rows = try transaction.rows(
                """
                SELECT * FROM responses WHERE $1 LIKE SUBSTR(id, 6) || '%' AND created_at > $2 AND is_deleted = 0
                ORDER BY number DESC
                """,
                [.text(String(id[id.index(after: start)...])), .integer(clock() - retention.lifetime)]
            )
            for row in rows {
                let response = try StoredResponse(row)
                let items = response.output + response.input
                if let item = items.first(where: { $0["id"]?.string == id }) { return item }
            }
            return nil
        }
    }

    /// What a chain of responses was asked and said, from its first to this one. Those before it may have been deleted.
    ///
    /// - Throws: a refusal where this one is gone, the time of one it went on from is over, or one has no answer.
    package func history(upTo id: String, _ retention: Retention) throws -> [JSON] {
        try database.read { transaction in
            var chain: [StoredResponse] = [], next: String? = id
            while let wanted = next {
                guard let response = try find(wanted, retention, transaction, evenDeleted: wanted != id) else {
                    throw APIError.previousNotFound(id, missing: wanted)
                }
                guard response.status.isAnswer else { throw APIError.noAnswerYet(response) }
                chain.append(response)
                next = response.parent
            }
            return chain.reversed().flatMap { $0.input + $0.output }
        }
    }
}

extension APIError {
    static func responseNotFound(_ id: String) -> APIError {
        APIError(
            status: .notFound,
            kind: .invalidRequest,
            message: "There is no response '\(id.prefix(80))': it was not stored, was deleted, or its time is over.",
            param: "response_id",
            code: "response_not_found"
        )
    }

    fileprivate static func previousNotFound(_ id: String, missing: String) -> APIError {
        let gone = missing == id ? "" : ", for '\(missing.prefix(80))', which it goes back to, is gone"
        let why = "it was not stored, was deleted, or its time is over"
        return .invalid(
            "previous_response_id",
            "The response '\(id.prefix(80))' cannot be continued\(gone): \(why). Send the whole input.",
            code: "previous_response_not_found"
        )
    }

    fileprivate static func noAnswerYet(_ response: StoredResponse) -> APIError {
        .invalid(
            "previous_response_id",
            "The response '\(response.id.prefix(80))' cannot be continued: it is '\(response.status.rawValue)'.",
            code: "invalid_status"
        )
    }
}

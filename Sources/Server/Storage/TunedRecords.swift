import Foundation
package import Store
import Synchronization

/// The models that were made here; all of them are in memory too, for every request asks.
package final class TunedRecords: Sendable {
    private let database: any Database
    private let models: Mutex<[TunedModel]>

    static let migrations = [
        Migration(
            "tuned-001",
            """
            CREATE TABLE tuned_models (
                name TEXT PRIMARY KEY NOT NULL,
                parent TEXT NOT NULL,
                root TEXT NOT NULL,
                job TEXT NOT NULL,
                step BIGINT,
                path TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """
        )
    ]

    init(database: any Database) throws {
        self.database = database
        models = Mutex(try Self.load(database))
    }

    private static func load(_ database: any Database) throws -> [TunedModel] {
        try database.read { transaction in
            try transaction.rows("SELECT * FROM tuned_models ORDER BY created_at, name").map(TunedModel.init)
        }
    }

    /// The oldest first.
    package var all: [TunedModel] { models.withLock(\.self) }

    package func find(_ name: String) -> TunedModel? { all.first { $0.name == name } }

    /// Once the transaction is over, ``refresh()`` tells the others.
    package static func add(_ model: TunedModel, _ transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO tuned_models (name, parent, root, job, step, path, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (name) DO UPDATE SET path = EXCLUDED.path
            """,
            [
                .text(model.name), .text(model.parent), .text(model.root), .text(model.job), Datum(model.step),
                .text(model.url.path(percentEncoded: false)), .integer(model.created),
            ]
        )
    }

    /// Once the transaction is over, ``refresh()`` tells the others.
    static func remove(_ name: String, _ transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM tuned_models WHERE name = $1", [.text(name)])
    }

    package func refresh() throws {
        let found = try Self.load(database)
        models.withLock { $0 = found }
    }

    /// Forgets the model, then removes what the trainer left; returns false where there is none of that name.
    package func remove(_ name: String) throws -> Bool {
        guard let model = find(name) else { return false }
        try database.write { try Self.remove(name, $0) }
        try refresh()
        if !all.contains(where: { $0.url == model.url }) { try? FileManager.default.removeItem(at: model.url) }
        return true
    }
}

/// One step of a database's schema, known by its name for ever: what has been published is not edited, another follows.
public struct Migration: Hashable, Sendable {
    /// Whose it is and its number: `files-001`.
    public let name: String
    /// Statements, run in order within one transaction.
    public let statements: [String]

    public init(_ name: String, _ statements: String...) { (self.name, self.statements) = (name, statements) }
}

extension Database {
    /// Runs those that have not been run here, each in a transaction of its own, in the order given.
    ///
    /// - Returns: the names of the migrations that the database knows and `migrations` does not.
    package func migrate(_ migrations: [Migration]) throws -> [String] {
        let names = migrations.map(\.name)
        precondition(Set(names).count == names.count, "migrate: two migrations share a name: \(names)")
        let known = try write { transaction in
            try transaction.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY NOT NULL)")
            return try transaction.rows("SELECT name FROM migrations ORDER BY name").map { try $0.text("name") }
        }
        let newer = known.filter { !names.contains($0) }
        guard newer.isEmpty else { return newer }
        for migration in migrations where !known.contains(migration.name) { try apply(migration) }
        return []
    }

    private func apply(_ migration: Migration) throws {
        try write { transaction in
            for statement in migration.statements { try transaction.execute(statement) }
            try transaction.execute("INSERT INTO migrations (name) VALUES ($1)", [.text(migration.name)])
        }
    }
}

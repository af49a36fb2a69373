import Foundation
package import Store
import Synchronization

/// The files' rows and their contents, kept in step: a row always has its contents.
package final class FileRecords: Sendable {
    private let database: any Database
    private let blobs: Blobs
    private let clock: @Sendable () -> Int
    /// Contents may belong to several rows; whoever adds or removes rows with contents does it alone.
    private let gate = Mutex(())

    static let migrations = [
        Migration(
            "files-001",
            """
            CREATE TABLE files (
                id TEXT PRIMARY KEY NOT NULL,
                number BIGINT NOT NULL UNIQUE,
                name TEXT NOT NULL,
                purpose TEXT NOT NULL,
                digest TEXT NOT NULL,
                size BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT
            )
            """,
            "CREATE INDEX files_of_digest ON files (digest)",
            """
            CREATE TABLE holds (
                file TEXT NOT NULL REFERENCES files (id),
                holder TEXT NOT NULL,
                PRIMARY KEY (file, holder)
            )
            """
        )
    ]

    init(database: any Database, blobs: Blobs, clock: @escaping @Sendable () -> Int) {
        (self.database, self.blobs, self.clock) = (database, blobs, clock)
    }

    /// Somewhere to write contents to before they are a file.
    package func draft() throws -> BlobDraft { try blobs.draft() }

    package func open(_ file: StoredFile) throws -> BlobReader { try blobs.open(file.blob.digest) }

    func url(of file: StoredFile) -> URL { blobs.url(of: file.blob.digest) }
}

// MARK: Adding

extension FileRecords {
    /// What a file is to be.
    package struct Form: Sendable {
        package var name: String, purpose: String
        /// Seconds from now.
        package var lifetime: Int?
    }

    /// Makes a file of a draft.
    ///
    /// - Parameter then: more to write in the same transaction.
    @discardableResult
    package func add(
        _ draft: BlobDraft,
        as form: Form,
        then: (StoredFile, any Transaction) throws -> Void = { _, _ in }
    ) throws -> StoredFile {
        try gate.withLock { _ in
            let blob = try blobs.keep(draft), now = clock()
            let file = StoredFile(
                id: Identity.fresh("file"),
                name: form.name,
                purpose: form.purpose,
                blob: blob,
                created: now,
                expires: form.lifetime.map { now + $0 }
            )
            try database.write { transaction in
                try insert(file, transaction)
                try then(file, transaction)
            }
            return file
        }
    }

    private func insert(_ file: StoredFile, _ transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO files (id, number, name, purpose, digest, size, created_at, expires_at)
            VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM files), $2, $3, $4, $5, $6, $7)
            """,
            [
                .text(file.id), .text(file.name), .text(file.purpose), .text(file.blob.digest),
                .integer(file.blob.size), .integer(file.created), Datum(file.expires),
            ]
        )
    }
}

// MARK: Finding

extension FileRecords {
    package func find(_ id: String) throws -> StoredFile? { try database.read { try find(id, $0) } }

    /// One that is gone but for its holder is found by its holder only.
    func find(_ id: String, heldBy holder: String? = nil, _ transaction: any Transaction) throws -> StoredFile? {
        let row = try transaction.row(
            """
            SELECT \(StoredFile.columns) FROM files WHERE id = $1 AND (expires_at IS NULL OR expires_at > $2
                OR EXISTS (SELECT 1 FROM holds WHERE file = $1 AND holder = $3))
            """,
            [.text(id), .integer(clock()), .text(holder ?? "")]
        )
        return try row.map(StoredFile.init)
    }

    package func list(purpose: String?, _ page: Cursor) throws -> Cursor.Slice<StoredFile> {
        try database.read { transaction in
            let after = try page.position(in: "files", transaction)
            let rows = try transaction.rows(
                """
                SELECT \(StoredFile.columns) FROM files
                WHERE (expires_at IS NULL OR expires_at > $1) AND ($2 = '' OR purpose = $2)
                    AND \(page.condition("number", "$3")) ORDER BY number \(page.direction) LIMIT $4
                """,
                [.integer(clock()), .text(purpose ?? ""), .integer(after), .integer(page.limit + 1)]
            )
            return try page.slice(rows.map(StoredFile.init))
        }
    }
}

// MARK: Holding and removing

extension FileRecords {
    /// From now on the file cannot go until its holder lets go of it.
    static func hold(_ file: String, by holder: String, _ transaction: any Transaction) throws {
        try transaction.execute(
            "INSERT INTO holds (file, holder) VALUES ($1, $2) ON CONFLICT (file, holder) DO NOTHING",
            [.text(file), .text(holder)]
        )
    }

    static func release(by holder: String, _ transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM holds WHERE holder = $1", [.text(holder)])
    }

    package enum Removal: Equatable, Sendable {
        case removed
        case unknown
        case held(by: String)
    }

    package func remove(_ id: String) throws -> Removal {
        try gate.withLock { _ in
            let (removal, orphans) = try database.write { transaction -> (Removal, Set<String>) in
                guard let file = try find(id, transaction) else { return (.unknown, []) }
                let holder = try transaction.row("SELECT holder FROM holds WHERE file = $1 LIMIT 1", [.text(id)])
                if let holder = try holder?.text("holder") { return (.held(by: holder), []) }
                return (.removed, try delete([file], transaction))
            }
            for digest in orphans { try blobs.remove(digest) }
            return removal
        }
    }

    /// Removes the files whose time is over and that nobody holds.
    package func sweep() throws {
        try gate.withLock { _ in
            let orphans = try database.write { transaction in
                let over = try transaction.rows(
                    """
                    SELECT \(StoredFile.columns) FROM files
                    WHERE expires_at <= $1 AND NOT EXISTS (SELECT 1 FROM holds WHERE file = files.id)
                    """,
                    [.integer(clock())]
                )
                return try delete(over.map(StoredFile.init), transaction)
            }
            for digest in orphans { try blobs.remove(digest) }
        }
    }

    /// Returns the contents that belong to no file any more. They go last: contents without a row are only wasted room, a row
    /// without contents is a loss.
    private func delete(_ files: [StoredFile], _ transaction: any Transaction) throws -> Set<String> {
        for file in files { try transaction.execute("DELETE FROM files WHERE id = $1", [.text(file.id)]) }
        return try Set(files.map(\.blob.digest)).filter { digest in
            try transaction.row("SELECT id FROM files WHERE digest = $1 LIMIT 1", [.text(digest)]) == nil
        }
    }
}

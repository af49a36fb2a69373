public import Foundation
import GRDB

/// A database in one file of this machine, through SQLite.
///
/// Readers do not wait for the writer (write-ahead log), every commit reaches the disk before it returns (`synchronous=FULL`),
/// foreign keys hold, and a lock that someone else has is waited for five seconds.
public final class SQLiteDatabase: Database {
    private let pool: DatabasePool
    private let path: String

    /// Opens the file, makes it if there is none, checks that it is whole, and brings its tables up to date.
    ///
    /// - Parameter migrations: all that any part of the program has, the oldest first.
    /// - Throws: ``StoreError`` if it cannot be used, is damaged, of another program, or made by a newer version; the file is
    ///   then left as it was.
    public convenience init(at file: URL, migrations: [Migration]) throws {
        try self.init(at: file, migrations: migrations, pages: nil)
    }

    /// - Parameter pages: how many pages of 4 kB the file may have; tests fill it.
    package init(at file: URL, migrations: [Migration], pages: Int?) throws {
        let path = file.path(percentEncoded: false)
        self.path = path
        pool = try StoreError.translating(path) {
            try SQLiteFile(path).check()
            Self.keepPrivate(path)
            return try DatabasePool(path: path, configuration: Self.configuration(pages: pages))
        }
        let newer = try migrate(migrations)
        guard newer.isEmpty else { throw StoreError.newer(path: path, migrations: newer) }
    }

    public func read<Value>(_ body: (any Transaction) throws -> Value) throws -> Value {
        try StoreError.translating(path) { try pool.read { try body(SQLiteTransaction(connection: $0)) } }
    }

    @discardableResult
    public func write<Value>(_ body: (any Transaction) throws -> Value) throws -> Value {
        try StoreError.translating(path) { try pool.write { try body(SQLiteTransaction(connection: $0)) } }
    }

    /// What users said and gave is not for other users of the machine; the log beside the file gets the file's permissions.
    private static func keepPrivate(_ path: String) {
        guard chmod(path, 0o600) != 0 else { return }
        // Only one that is new: to close a file drops the locks that SQLite has on it in this process.
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    private static func configuration(pages: Int?) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { connection in
            guard !connection.configuration.readonly else { return }
            try connection.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            if let pages { try connection.execute(sql: "PRAGMA max_page_count = \(pages)") }
        }
        return configuration
    }
}

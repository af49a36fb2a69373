import Foundation
import GRDB

/// A look at a file before anything is written to it: is it a whole database, and one of ours?
struct SQLiteFile {
    private let path: String

    init(_ path: String) { self.path = path }

    /// Throws where the file is not to be touched; says nothing of one that is not there yet.
    func check() throws {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        guard let size, size > 0 else { return }
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { connection in
            let verdict = try String.fetchOne(connection, sql: "PRAGMA quick_check(1)") ?? "no answer"
            guard verdict == "ok" else { throw StoreError.damaged(path: path, reason: verdict) }
            let tables = try String.fetchAll(connection, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
            guard tables.isEmpty || tables.contains("migrations") else { throw StoreError.foreign(path: path) }
        }
    }
}

import Foundation
import Store

/// A folder for one test, gone with it.
final class Scratch: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var file: URL { folder.appending(path: "test.db") }

    func database(_ migrations: [Migration] = [.notes], pages: Int? = nil) throws -> SQLiteDatabase {
        try SQLiteDatabase(at: file, migrations: migrations, pages: pages)
    }
}

extension Migration {
    static let notes = Migration(
        "notes-001",
        "CREATE TABLE notes (id BIGINT PRIMARY KEY NOT NULL, text TEXT, weight DOUBLE PRECISION)"
    )
    static let labels = Migration(
        "notes-002",
        "CREATE TABLE labels (note BIGINT NOT NULL REFERENCES notes (id), label TEXT NOT NULL)",
        "CREATE INDEX labels_of_note ON labels (note)"
    )
}

extension Database {
    func add(_ id: Int, _ text: String) throws {
        try write { try $0.execute("INSERT INTO notes (id, text) VALUES ($1, $2)", [.integer(id), .text(text)]) }
    }

    var texts: [String] {
        get throws { try read { try $0.rows("SELECT text FROM notes ORDER BY id").map { try $0.text("text") } } }
    }
}

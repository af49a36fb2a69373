import Foundation
import Store
import Testing

/// What is opened, and what is refused and left alone.
@Suite struct OpeningTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private var path: String { scratch.file.path(percentEncoded: false) }

    @Test func migrationsRunOnceAndInOrder() throws {
        try scratch.database().add(1, "old")
        for _ in 0..<2 {
            let database = try scratch.database([.notes, .labels])
            #expect(try database.texts == ["old"])
            let names = try database.read { try $0.rows("SELECT name FROM migrations ORDER BY name") }
            #expect(try names.map { try $0.text("name") } == ["notes-001", "notes-002"])
        }
    }

    @Test func aMigrationThatFailsLeavesNothingOfItself() throws {
        let broken = Migration("notes-002", "CREATE TABLE half (id BIGINT)", "CREATE TABEL whole (id BIGINT)")
        #expect { try scratch.database([.notes, broken]) } throws: { "\($0)".contains("TABEL") }
        let database = try scratch.database()
        #expect(try database.read { try $0.rows("SELECT name FROM sqlite_master WHERE name = 'half'") }.isEmpty)
    }

    @Test func aDatabaseOfANewerVersionIsRefused() throws {
        try scratch.database([.notes, .labels]).add(1, "a")
        #expect(throws: StoreError.newer(path: path, migrations: ["notes-002"])) { try scratch.database() }
        #expect(try scratch.database([.notes, .labels]).texts == ["a"])
    }

    @Test func aDatabaseOfAnotherProgramIsLeftAlone() throws {
        // An SQLite file with one table `theirs`, made by asking SQLite for it.
        let other = scratch.folder.appending(path: "other.db")
        do {
            let database = try SQLiteDatabase(at: other, migrations: [])
            try database.write { transaction in
                try transaction.execute("CREATE TABLE theirs (id BIGINT)")
                try transaction.execute("DROP TABLE migrations")
            }
        }
        #expect(throws: StoreError.foreign(path: other.path(percentEncoded: false))) {
            try SQLiteDatabase(at: other, migrations: [.notes])
        }
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs() throws {
        let text = Data(String(repeating: "these are not the pages of a database\n", count: 200).utf8)
        try text.write(to: scratch.file)
        #expect { try scratch.database() } throws: { error in
            guard case .damaged(path, _)? = error as? StoreError else { return false }
            return "\(error)".contains("backup")
        }
        #expect(try Data(contentsOf: scratch.file) == text)
    }

    /// Cut at every page, and with every page but the first blanked.
    @Test func aDatabaseThatIsNotWholeIsRefused() throws {
        do {
            let database = try scratch.database()
            for id in 0..<60 { try database.add(id, String(repeating: "text ", count: 100)) }
            try database.write { _ in }
        }
        let whole = try Data(contentsOf: scratch.file), pages = whole.count / 4096
        try #require(pages > 4)
        for page in 1..<pages {
            var blank = whole
            blank.replaceSubrange(page * 4096..<(page + 1) * 4096, with: Data(repeating: 0xA5, count: 4096))
            for bytes in [whole.prefix(page * 4096), blank] {
                let copy = scratch.folder.appending(path: "copy-\(UUID().uuidString).db")
                try bytes.write(to: copy)
                #expect(throws: StoreError.self, "page \(page)") {
                    try SQLiteDatabase(at: copy, migrations: [.notes]).add(100, "x")
                }
            }
        }
    }

    @Test func aFolderThatIsNotThereIsNamed() throws {
        let file = scratch.folder.appending(path: "nowhere/test.db")
        #expect { try SQLiteDatabase(at: file, migrations: []) } throws: { error in
            guard case .inaccessible? = error as? StoreError else { return false }
            return "\(error)".contains("nowhere/test.db")
        }
    }
}

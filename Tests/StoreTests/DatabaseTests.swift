import Foundation
import Store
import Testing

@Suite struct DatabaseTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func whatWasWrittenIsThereAgain() throws {
        try scratch.database().add(1, "雨燕")
        #expect(try scratch.database().texts == ["雨燕"])
    }

    /// What `kill -9` leaves: the files as they are at that moment, nothing closed, nothing tidied up.
    @Test func everyWriteSurvivesAnEndAtAnyMoment() throws {
        let database = try scratch.database()
        for count in 1...8 {
            try database.add(count, "note \(count)")
            let copy = scratch.folder.appending(path: "copy-\(count)")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(
                    at: URL(filePath: scratch.file.path + suffix),
                    to: copy.appending(path: "test.db" + suffix)
                )
            }
            let survivor = try SQLiteDatabase(at: copy.appending(path: "test.db"), migrations: [.notes])
            #expect(try survivor.texts.count == count)
        }
    }

    struct Refusal: Error {}

    @Test func aTransactionThatThrowsWritesNothing() throws {
        let database = try scratch.database()
        #expect(throws: Refusal.self) {
            try database.write { transaction in
                try transaction.execute("INSERT INTO notes (id, text) VALUES (1, 'a')")
                throw Refusal()
            }
        }
        #expect(try database.texts.isEmpty)
    }

    @Test func parametersGoByTheirNumber() throws {
        let row = try scratch.database().read {
            try $0.row("SELECT $2 AS second, $1 AS first, $2 AS again, $3 AS third", ["a", 2, 0.5])
        }
        #expect(row == Row(["first": "a", "second": 2, "again": 2, "third": 0.5]))
    }

    @Test(arguments: [Datum.null, 0, -7, .integer(.max), 0.1, "", "it's; DROP TABLE notes --", "\u{1}雨\r\n"])
    func everyValueComesBackAsItWas(datum: Datum) throws {
        let row = try scratch.database().read { try $0.row("SELECT $1 AS value", [datum]) }
        #expect(row?["value"] == datum)
    }

    /// GRDB would cut it there, PostgreSQL refuse it.
    @Test func aTextWithANullCharacterIsRefused() throws {
        let database = try scratch.database()
        #expect(throws: StoreError.unstorable(text: "a\u{0}b")) { try database.add(1, "a\u{0}b") }
        #expect(try database.texts.isEmpty)
    }

    @Test func aValueOfAnotherKindIsNamed() throws {
        let row = Row(["size": "many", "none": nil])
        #expect(throws: StoreError.unreadable(column: "size", found: "many")) { try row.integer("size") }
        #expect(throws: StoreError.unreadable(column: "none", found: .null)) { try row.text("none") }
        #expect(try row.optionalInteger("none") == nil)
        #expect(try Row(["weight": 3]).real("weight") == 3)
    }

    @Test func foreignKeysHold() throws {
        let database = try scratch.database([.notes, .labels])
        #expect {
            try database.write { try $0.execute("INSERT INTO labels (note, label) VALUES (9, 'x')") }
        } throws: { error in
            "\(error)".contains("FOREIGN KEY") && "\(error)".contains("INSERT INTO labels")
        }
    }

    @Test func theNumberOfChangedRowsIsTold() throws {
        let database = try scratch.database()
        for id in 1...3 { try database.add(id, "a") }
        let changed = try database.write { try $0.execute("UPDATE notes SET text = 'b' WHERE id > $1", [1]) }
        #expect(changed == 2)
    }

    @Test func aReaderSeesOneMoment() throws {
        let database = try scratch.database()
        try database.add(1, "a")
        let counts = try database.read { transaction in
            let before = try transaction.rows("SELECT id FROM notes").count
            try database.add(2, "b")
            return [before, try transaction.rows("SELECT id FROM notes").count]
        }
        #expect(counts == [1, 1])
        #expect(try database.texts == ["a", "b"])
    }

    @Test func aFullDiskLosesNothing() throws {
        let database = try scratch.database(pages: 24)
        let long = String(repeating: "x", count: 8000)
        var kept = 0
        #expect(throws: StoreError.full(path: scratch.file.path(percentEncoded: false))) {
            while kept < 100 {
                try database.add(kept, long)
                kept += 1
            }
        }
        #expect(try database.texts.count == kept)
        try database.write { try $0.execute("DELETE FROM notes WHERE id > 0") }
        try database.add(1000, "room again")
        #expect(try database.texts.count == 2)
    }
}

import Foundation
import Testing
import Text
import Training

/// Files are cut into rows, and rows become examples.
@Suite struct ReadingTests {
    static func texts(_ text: String, _ format: DataFormat, _ layout: DataLayout = .automatic) throws -> [String] {
        let fixture = try DataFixture()
        return try fixture.prepare([fixture.source("file", text, format, layout)]).texts
    }

    static let sameTwo: [(String, DataFormat, String)] = [
        ("lines", .jsonLines, "{\"text\":\"one\"}\n\n  \n{\"text\": \"two\\nlines\"}"),
        ("lines of Windows, with a mark", .jsonLines, "\u{FEFF}{\"text\":\"one\"}\r\n{\"text\": \"two\\nlines\"}\r\n"),
        ("array", .json, " [ {\"text\":\"one\"} ,\n {\"text\":\n \"two\\nlines\"}\n]\n"),
        ("array of texts", .json, "[\"one\",\"two\\nlines\"]"),
        ("values", .json, "{\"text\":\"one\"}\n{\n  \"text\": \"two\\nlines\"\n}"),
        ("values without a break", .json, "{\"text\":\"one\"}{\"text\":\"two\\nlines\"}"),
        ("csv", .csv, "id,text\n1,one\n2,\"two\nlines\"\n"),
        ("csv of Windows, with a mark", .csv, "\u{FEFF}text,id\r\none,1\r\n\"two\nlines\",2"),
        ("tsv", .tsv, "id\ttext\n1\tone\n\n2\t\"two\nlines\""),
        ("blank lines", .text(.blankLines), "\n\none\n \n\ntwo\nlines\n\n"),
        ("separator", .text(.separator("<|>")), "<|>one<|>two\nlines<|>"),
        ("separator that half stands there", .text(.separator("\n\n\n")), "one\n\n\ntwo\nlines"),
    ]

    @Test(arguments: sameTwo) func twoDocumentsAreRead(name: String, format: DataFormat, text: String) throws {
        #expect(try Self.texts(text, format) == ["one", "two\nlines"], "\(name)")
    }

    @Test func aSeparatorIsFoundAfterItsOwnBeginning() throws {
        #expect(try Self.texts("aababaabaac", .text(.separator("aabaac"))) == ["aabab"])
        #expect(try Self.texts("a\n\nb\n\n\n\nc", .text(.separator("\n\n\n"))) == ["a\n\nb", "\nc"])
    }

    @Test func aTextIsOneDocumentOrALineEach() throws {
        #expect(try Self.texts("one\n\ntwo\n", .text(.whole)) == ["one\n\ntwo\n"])
        #expect(try Self.texts("one\r\n\r\ntwo", .text(.lines)) == ["one", "two"])
    }

    @Test func aTableReadsQuotesAndChosenColumns() throws {
        let text = "a,\"the \"\"b\"\"\"\n\"x, \"\"y\"\"\",1\nplain \"z\",2\n"
        #expect(try Self.texts(text, .csv, .text(column: "a")) == ["x, \"y\"", "plain \"z\""])
        #expect(try Self.texts(text, .csv, .text(column: "the \"b\"")) == ["1", "2"])
    }

    static let broken: [(DataFormat, [UInt8], line: Int, reason: String)] = [
        (.jsonLines, Array("{\"text\":\"a\"}\n{\"text\":".utf8), 2, "unexpected end"),
        (.jsonLines, Array("\n\n[1]\n".utf8), 3, "the row is an array"),
        (.jsonLines, Array("{\"other\":1}".utf8), 1, "its names (other)"),
        (.jsonLines, Array("{\"text\":3}".utf8), 1, "'text' must be a string, but is 3"),
        (.jsonLines, Array("{\"text\":\"\"}".utf8), 1, "empty"),
        (.jsonLines, Array("{\"text\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8), 1, "not UTF-8"),
        (.jsonLines, Array("{\"text\":\"a\0b\"}".utf8), 1, "control character"),
        (.json, Array("[{\"text\":\"a\"},\n{\"text\":\"b]},\n{\"text\":\"c\"}]".utf8), 2, "ends before the array"),
        (.json, Array("[{\"text\":\"a\"},{\"text\":\"b\"".utf8), 1, "ends before the array"),
        (.json, Array("[{\"text\":\"a\"},]".utf8), 1, "missing"),
        (.json, Array("[{\"text\":\"a\"]},\n3]".utf8), 1, "expected ',' or '}'"),
        (.json, Array("[{\"text\":\"a\"}]\nmore".utf8), 2, "expected a value"),
        (.csv, Array("text\n\"a\nb".utf8), 2, "never closed"),
        (.csv, Array("text\n\"a\"b\n".utf8), 2, "goes on after its closing quote"),
        (.csv, Array("text,id\na,1\na,1,2\n".utf8), 3, "3 fields"),
        (.csv, Array("text\n".utf8) + [0xFF, 0x0A], 2, "not UTF-8"),
        (.text(.lines), Array("a\n".utf8) + [0x62, 0xE4, 0xB8], 2, "not UTF-8, from byte 1"),
        (.text(.lines), Array("a\nb\0c".utf8), 2, "NUL byte at byte 1"),
    ]

    @Test(arguments: broken.indices) func aBrokenRowIsSetAsideWithItsLineAndReason(index: Int) throws {
        let (format, bytes, line, reason) = Self.broken[index], fixture = try DataFixture()
        let good = try fixture.source("good.txt", "good", .text(.whole))
        let bad = try DataSource(fixture.file("bad", bytes), format: format)
        let dataset = try fixture.prepare([good, bad]), rejected = try DataFixture.rejected(dataset)
        let entry = try #require(rejected.first { $0["reason"]?.string?.contains(reason) ?? false }, "\(rejected)")
        #expect(entry["line"]?.integer == line)
        #expect(entry["file"]?.string == bad.url.path)
        #expect(dataset.statistics.rejected == rejected.count)
        #expect(dataset.statistics.rows == rejected.count + dataset.documentCount)
        let text = entry["text"]?.string.map { Array($0.utf8) }
        let base = entry["base64"]?.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
        let verbatim = try #require(text ?? base)
        #expect(verbatim.isEmpty || bytes.firstRange(of: verbatim) != nil)
    }

    static let refused: [(String, [UInt8], String)] = [
        ("a.jsonl.gz", [0x1F, 0x8B, 8], "gunzip"), ("a.jsonl", [0x28, 0xB5, 0x2F, 0xFD], "unzstd"),
        ("a.txt", [0xFF, 0xFE, 0x61, 0], "iconv"), ("a.parquet", Array("PAR1....".utf8), "JSONL"),
        ("a.csv", Array("a,a\n1,2\n".utf8), "two have one name"), ("a.csv", Array("a,\n1,2\n".utf8), "one has no name"),
    ]

    @Test(arguments: refused) func aFileThatIsNoTextIsRefusedWithARemedy(
        name: String,
        bytes: [UInt8],
        remedy: String
    ) throws {
        let fixture = try DataFixture(), source = try DataSource(fixture.file(name, bytes))
        let error = #expect(throws: DataError.self) { try fixture.prepare([source]) }
        #expect(error?.description.contains(remedy) == true)
    }

    @Test func aMissingFileAndAnUnknownNameAreNamed() throws {
        let fixture = try DataFixture()
        #expect(throws: DataError.self) { try DataSource(URL(filePath: "/nowhere/data.bin")) }
        let missing = try DataSource(fixture.folder.appending(path: "none.jsonl"))
        let error = #expect(throws: DataError.self) { try fixture.prepare([missing]) }
        #expect(error?.description.contains("none.jsonl") == true)
        let folder = try DataSource(fixture.folder, format: .jsonLines)
        #expect(throws: DataError.self) { try fixture.prepare([folder]) }
    }
}

extension PreparedDataset {
    /// The documents' texts without EOS.
    var texts: [String] {
        get throws {
            try (0..<documentCount).map {
                DataFixture.tokenizer.decode(try whole($0).ids, skipSpecial: true)
            }
        }
    }
}

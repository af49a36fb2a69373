import Testing
import Text

@Suite struct JSONParserTests {
    static let texts: [(String, JSON)] = [
        ("null", nil), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12), ("1.5", 1.5),
        ("1e2", 100.0), ("1E-2", 0.01), ("\"\"", ""), ("[]", []), ("{}", [:]), ("[1, [2]]", [1, [2]]),
        ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u4f60\ud83d\udc4d""#, "你👍"),
        (#""\ud83d x \udc4d\ud83d\u0041""#, "\u{FFFD} x \u{FFFD}\u{FFFD}A"),
        (#"{"a": {"b": [null]}}"#, ["a": ["b": [nil]]]), ("\u{FEFF}1", 1),
    ]

    @Test(arguments: texts)
    func reads(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(arguments: [
        ("", 0, 1), ("  ", 2, 1), ("nul", 3, 1), ("[1,]", 3, 1), ("[1 2]", 3, 1), ("{\"a\":1,}", 7, 1), ("{a:1}", 1, 1),
        ("{\"a\" 1}", 5, 1), ("01", 1, 1), ("1.", 2, 1), ("-", 1, 1), (".5", 0, 1), ("+1", 0, 1), ("1e", 2, 1),
        ("1e999", 0, 1), ("\"a", 2, 1), ("\"\n\"", 1, 1), (#""\x""#, 2, 1), (#""\u12G4""#, 5, 1), ("[\n\n!]", 3, 3),
        ("1 2", 2, 1), ("NaN", 0, 1), ("'a'", 0, 1), ("[1]]", 3, 1), ("{\"a\":}", 5, 1), ("\u{0}", 0, 1),
        ("[1\u{0}", 2, 1),
    ])
    func refuses(text: String, offset: Int, line: Int) throws {
        let error = try #require(throws: JSONError.self) { try JSON(parsing: text) }
        guard case .syntax(_, let foundOffset, let foundLine) = error else {
            Issue.record("\(error)")
            return
        }
        #expect((foundOffset, foundLine) == (offset, line))
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
        #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func theLastOfTwoMembersWins() throws {
        let value = try JSON(parsing: #"{"a": 1, "b": 2, "a": 3}"#)
        #expect(value.object?.keys == ["a", "b"] && value["a"] == 3)
    }

    @Test func namesAreComparedByteByByte() throws {
        let value = try JSON(parsing: "{\"\u{E9}\": 1, \"e\u{301}\": 2}")
        #expect(value.object?.count == 2 && value["\u{E9}"] == 1 && value["e\u{301}"] == 2)
    }

    @Test func keepsTheOrderOfManyMembers() throws {
        let names = (0..<200).map { "key\(($0 * 73) % 200)" }
        let text = "{" + names.map { "\"\($0)\": \"\($0)\"" }.joined(separator: ",") + "}"
        let value = try JSON(parsing: text)
        #expect(value.object?.keys == names)
        for name in names { #expect(value[name]?.string == name) }
    }

    @Test func refusesToNestWithoutEnd() {
        #expect(throws: Never.self) {
            try JSON(parsing: String(repeating: "[", count: 128) + String(repeating: "]", count: 128))
        }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test func everyPrefixIsRefused() throws {
        let text = Array(#"{"a": [1, -2.5e3, "x\u00e9\ud83d\udc4d", true, null, {"你": {}}]}"#.utf8)
        _ = try JSON(parsing: text)
        for count in text.indices {
            #expect(throws: JSONError.self) { try JSON(parsing: text[..<count]) }
        }
    }
}

import Server
import Testing

@Suite struct MultipartParserTests {
    typealias Part = [String?]

    /// The parts of a body that comes in pieces: name, filename, content.
    static func parts(_ pieces: [[UInt8]], boundary: String = "b7") throws -> [Part] {
        var parser = MultipartParser(boundary: boundary), parts: [Part] = []
        for piece in pieces {
            for event in try parser.feed(piece) {
                switch event {
                case .part(let head): parts.append([head.name, head.filename, ""])
                case .bytes(let bytes):
                    try #require(!parts.isEmpty, "content before the first part")
                    parts[parts.count - 1][2]? += String(decoding: bytes, as: UTF8.self)
                }
            }
        }
        try parser.finish()
        return parts
    }

    static func parts(_ text: String) throws -> [Part] { try parts([Array(text.utf8)]) }

    static func part(_ disposition: String, _ content: String) -> String {
        "--b7\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n\(content)\r\n"
    }

    static let whole =
        "a preamble\r\n" + part("name=purpose", "fine-tune")
        + "--b7 \t\r\nX: y\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a;b.jsonl\"\r\nContent-Type: text/plain\r\n\r\n"
        + "one\r\n--b\r\n--b77\r\n\r--b7\n--b7\r\n\r\n\r\n" + part("name=\"\"", "")
        + "--b7--\r\nan epilogue\r\n--b7\r\n"

    static let expected: [Part] = [
        ["purpose", nil, "fine-tune"],
        ["file", "a;b.jsonl", "one\r\n--b\r\n--b77\r\n\r--b7\n--b7\r\n\r\n"],
        ["", nil, ""],
    ]

    @Test func partsAreTold() throws { #expect(try Self.parts(Self.whole) == Self.expected) }

    @Test func theyAreTheSameHoweverTheBodyIsCut() throws {
        let bytes = Array(Self.whole.utf8)
        for cut in 0...bytes.count {
            #expect(try Self.parts([Array(bytes[..<cut]), Array(bytes[cut...])]) == Self.expected, "cut at \(cut)")
        }
        #expect(try Self.parts(bytes.map { [$0] }) == Self.expected)
    }

    @Test func aBodyThatEndsTooSoonIsRefused() throws {
        let end = try #require(Self.whole.firstRange(of: "--b7--")?.upperBound)
        let bytes = Array(Self.whole[..<end].utf8)
        for length in 0..<bytes.count {
            #expect(throws: APIError.self, "ends at \(length)") { try Self.parts([Array(bytes[..<length])]) }
        }
        #expect(try Self.parts([bytes]) == Self.expected)
    }

    static let names: [String: Part] = [
        #"name="a\"b\\c"; filename="d\e""#: ["a\"b\\c", #"d\e"#, "x"],
        #"filename="x"; name=file"#: ["file", "x", "x"],
        #"name="文件"; filename="雨燕.jsonl""#: ["文件", "雨燕.jsonl", "x"],
        #"name="f"; filename="_"; filename*=UTF-8''%E9%9B%A8.txt"#: ["f", "雨.txt", "x"],
        #"name="f"; filename="a %22b%22.txt""#: ["f", #"a "b".txt"#, "x"],
        #"NAME="f"; FileName="g";"#: ["f", "g", "x"],
    ]

    @Test(arguments: names.keys.sorted())
    func namesAreReadAsClientsWriteThem(disposition: String) throws {
        #expect(try Self.parts(Self.part(disposition, "x") + "--b7--") == [Self.names[disposition]])
    }

    static let hostile = [
        "a head without a name": part("filename=x", "x"), "a quote without an end": part("name=\"x", "x"),
        "a parameter without a value": part("name", "x"),
        "no disposition": "--b7\r\nContent-Type: text/plain\r\n\r\nx\r\n", "no headers": "--b7\r\n\r\nx\r\n",
        "another disposition": "--b7\r\nContent-Disposition: attachment; name=x\r\n\r\nx\r\n",
        "a boundary with a tail": "--b7 x\r\n", "a boundary with one dash": "--b7-x\r\n",
        "endless white space": "--b7" + String(repeating: " ", count: 1000),
        "endless headers": "--b7\r\nX: " + String(repeating: "x", count: 100_000),
        "headers just too long": "--b7\r\nContent-Disposition: form-data; name=\""
            + String(repeating: "x", count: 8192) + "\"\r\n\r\nx\r\n",
        "too many parts": String(repeating: part("name=x", "x"), count: 65), "nothing": "",
    ]

    @Test(arguments: hostile.keys.sorted())
    func whatIsHostileIsRefused(name: String) throws {
        let body = Array(((Self.hostile[name] ?? "") + (name == "nothing" ? "" : "--b7--\r\n")).utf8)
        for size in [1, 7, body.count + 1] {
            let pieces = stride(from: 0, to: body.count, by: size).map { Array(body[$0..<min($0 + size, body.count)]) }
            #expect {
                try Self.parts(pieces)
            } throws: { error in
                (error as? APIError)?.code == "invalid_multipart"
            }
        }
    }

    @Test func headersThatAreNotTextAreRefused() throws {
        let bytes =
            Array("--b7\r\nContent-Disposition: form-data; name=\"".utf8) + [0xFF, 0xFE] + Array("\"\r\n\r\n".utf8)
        #expect(throws: APIError.self) { try Self.parts([bytes]) }
    }

    static let types = [
        "multipart/form-data; boundary=abc": "abc", "Multipart/Form-Data;boundary=\"a b'(c)\"": "a b'(c)",
        "multipart/form-data; charset=utf-8; BOUNDARY=----x_1": "----x_1",
    ]

    @Test(arguments: types.keys.sorted())
    func theBoundaryIsFound(type: String) throws {
        #expect(try MultipartParser.boundary(of: type) == Self.types[type])
    }

    @Test(arguments: [
        nil, "", "text/plain; boundary=x", "multipart/form-data", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"x", "multipart/form-data; boundary=\"x \"",
        "multipart/form-data; boundary=a\u{7}",
    ])
    func aTypeWithoutABoundaryIsRefused(type: String?) {
        #expect(throws: APIError.self) { try MultipartParser.boundary(of: type) }
    }
}

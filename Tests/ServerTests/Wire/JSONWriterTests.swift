import Foundation
import NIOCore
import Server
import Testing
import Text

@Suite struct JSONWriterTests {
    static func write(_ fill: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        fill(&writer)
        return String(buffer: writer.finish())
    }

    @Test func separatesWithCommas() {
        let text = Self.write { writer in
            writer.object { writer in
                writer.field("a", 1)
                writer.member("b") { $0.array([1, 2]) { $0.value($1) } }
                writer.member("c") { $0.object { _ in } }
                writer.null("d")
                writer.field("e", true)
            }
        }
        #expect(text == #"{"a":1,"b":[1,2],"c":{},"d":null,"e":true}"#)
    }

    static let values: [JSON] = [
        .string((0..<256).map { String(UnicodeScalar(UInt8($0))) }.joined()), "\u{2028}\u{2029}\u{FEFF}🙂\"\\/", "",
        .integer(.max), .integer(.min), 0.1, -1.5e300, 2.5e-300, ["a": [[], [:], .null, true]], [1, 2.5, "x"],
    ]

    @Test(arguments: values)
    func whatItWritesIsReadBack(value: JSON) throws {
        let text = Self.write { $0.value(value) }
        #expect(try JSON(parsing: text) == value)
        #expect(throws: Never.self) {
            try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func whatIsNoNumberIsNull(value: Double) {
        #expect(Self.write { $0.value(value) } == "null")
    }

    @Test func framesEvents() {
        let text = Self.write { writer in
            writer.event { $0.field("a", 1) }
            writer.ping()
            writer.event { $0.field("b", 2) }
            writer.done()
        }
        #expect(text == "data: {\"a\":1}\n\n: ping\n\ndata: {\"b\":2}\n\ndata: [DONE]\n\n")
    }
}

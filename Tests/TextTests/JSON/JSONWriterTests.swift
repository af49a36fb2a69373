import Foundation
import Testing
import Text

@Suite struct JSONWriterTests {
    static let value: JSON = ["b": [1, 2.5, nil], "a": ["x": "é\"\n\u{1}"], "e": [], "o": [:]]

    @Test func writesWithoutSpace() {
        #expect(Self.value.text() == #"{"b":[1,2.5,null],"a":{"x":"é\"\n\u0001"},"e":[],"o":{}}"#)
    }

    @Test func writesAsPythonDoes() {
        #expect(Self.value.text(.python) == #"{"b": [1, 2.5, null], "a": {"x": "é\"\n\u0001"}, "e": [], "o": {}}"#)
        var style = JSONStyle.python
        (style.sortsKeys, style.escapesNonASCII) = (true, true)
        #expect((["b": "👍", "a": "é"] as JSON).text(style) == #"{"a": "\u00e9", "b": "\ud83d\udc4d"}"#)
        #expect(([1, [], ["a": 2]] as JSON).text(.pretty) == "[\n  1,\n  [],\n  {\n    \"a\": 2\n  }\n]")
    }

    @Test(arguments: [
        (0.1, "0.1"), (1, "1.0"), (-0.0, "-0.0"), (1e16, "1e+16"), (123_456_789_012_345_680, "1.2345678901234568e+17"),
        (1e15, "1000000000000000.0"), (1e-4, "0.0001"), (1e-5, "1e-05"), (1.5e-7, "1.5e-07"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (100, "100.0"),
        (0.30000000000000004, "0.30000000000000004"),
        (12_345.678, "12345.678"), (1e22, "1e+22"), (9_007_199_254_740_992, "9007199254740992.0"),
    ])
    func writesNumbersAsPythonDoes(number: Double, text: String) {
        #expect(JSON.number(number).text() == text)
    }

    @Test func readsWhatItWrites() throws {
        for style in [JSONStyle.compact, .python, .pretty] {
            #expect(try JSON(parsing: Self.value.text(style)) == Self.value)
        }
    }

    @Test func codesThroughFoundation() throws {
        let data = try JSONEncoder().encode(Self.value)
        #expect(try JSONDecoder().decode(JSON.self, from: data) == Self.value)
        let plain = Data(#"{"t": true, "i": 1, "d": 1.5, "n": null, "s": "x", "a": [false]}"#.utf8)
        let expected: JSON = ["t": true, "i": 1, "d": 1.5, "n": nil, "s": "x", "a": [false]]
        #expect(try JSONDecoder().decode(JSON.self, from: plain) == expected)
    }
}

import Testing
import Text

@Suite struct JSONFieldTests {
    let body = JSONField(["messages": [["role": "user", "n": 3], ["role": 5]], "t": 1.5, "nothing": nil])

    @Test func reachesWhatIsThere() throws {
        #expect(try body["messages"][0]["role"].string == "user")
        #expect(try body["messages"].elements[0]["n"].integer(in: 1...3) == 3)
        #expect(try body["t"].double == 1.5)
        #expect(body["nothing"].optional == nil && body["absent"].optional == nil)
    }

    @Test func namesTheWayToWhatIsWrong() {
        #expect(throws: JSONError.unexpected(path: "messages[1].role", expected: "a string", found: "5")) {
            try body["messages"][1]["role"].string
        }
        #expect(throws: JSONError.unexpected(path: "absent.x", expected: "a number", found: "missing")) {
            try body["absent"]["x"].double
        }
        #expect(throws: JSONError.unexpected(path: "t", expected: "between 0.0 and 1.0", found: "1.5")) {
            try body["t"].double(in: 0...1)
        }
        #expect("\(JSONField([]).unexpected("an object"))" == "the body must be an object, but is an empty array")
    }

    @Test func aMessageNamesItsFaultyPart() {
        let field = JSONField(["messages": [["role": "user", "content": [["type": "text"]]]]])
        #expect(
            throws: JSONError.unexpected(path: "messages[0].content[0].text", expected: "a string", found: "missing")
        ) {
            try Message(field["messages"][0])
        }
        #expect(throws: JSONError.unexpected(path: "content", expected: "a string or an array", found: "missing")) {
            try Message(["role": "user"])
        }
    }
}

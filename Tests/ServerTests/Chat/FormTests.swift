import Grammars
import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// Forms of answers, in every dialect's words.
@Suite struct FormTests {
    static let schema = #"{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}"#

    static let asked: [(fields: String, taken: String, other: String)] = [
        (#""response_format": {"type": "json_object"}"#, #"{"x": [1]}"#, "[1]"),
        (
            #""response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": \#(schema)}}"#,
            #"{"a": 1}"#, #"{"a": "x"}"#
        ),
        (#""response_format": {"type": "json_object", "schema": \#(schema)}"#, #"{"a": 1}"#, #"{"b": 1}"#),
        (#""json_schema": \#(schema)"#, #"{"a": 1}"#, "{}"), (#""guided_json": \#(schema)"#, #"{"a": 1}"#, "{}"),
        (#""guided_regex": "[ab]+""#, "ab", "c"), (#""guided_choice": ["yes", "no"]"#, "yes", "maybe"),
        (#""guided_grammar": "root ::= \"x\"+""#, "xx", "y"), (#""grammar": "root ::= \"x\"+""#, "xx", "y"),
        (#""structured_outputs": {"regex": "a|b"}"#, "a", "ab"),
        (#""structured_outputs": {"json": \#(schema)}"#, #"{"a":1}"#, "1"),
        (#""structured_outputs": {"choice": ["a"]}"#, "a", "b"),
        (#""structured_outputs": {"json_object": true}"#, "{}", "[]"),
    ]

    @Test(arguments: asked, [ChatTests.path, CompletionsTests.path, QianfanTests.path])
    func aFormIsKept(asked: (fields: String, taken: String, other: String), path: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            let isPlain = path == CompletionsTests.path
            let body = isPlain ? #"{"prompt": "Hi", \#(asked.fields)}"# : ChatTests.body(asked.fields)
            let response = try await client.post(path, body)
            #expect(response.status == .ok, "\(response.text)")
        }
        let constraint = try #require(model.watch.requests.first?.constraint)
        #expect(constraint.takes(asked.taken, whole: true) && !constraint.takes(asked.other, whole: true))
    }

    @Test(
        arguments: [(#""format": "json""#, "{}", "[]"), (#""format": \#(schema)"#, #"{"a": 1}"#, "{}")],
        ["chat", "generate"]
    )
    func ollamasFormatIsKept(asked: (fields: String, taken: String, other: String), route: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            let prompt = route == "chat" ? #""messages": [{"role": "user", "content": "Hi"}]"# : #""prompt": "Hi""#
            let response = try await client.post("/api/" + route, "{\(prompt), \(asked.fields)}")
            #expect(response.status == .ok, "\(response.text)")
        }
        let constraint = try #require(model.watch.requests.first?.constraint)
        #expect(constraint.takes(asked.taken, whole: true) && !constraint.takes(asked.other, whole: true))
    }

    static let wrong: [(fields: String, param: String, says: String)] = [
        (#""response_format": 7"#, "response_format", "must be"),
        (#""response_format": {"type": "xml"}"#, "response_format.type", "must be"),
        (
            #""response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"not": {}}}}"#,
            "response_format.json_schema.schema", "'not' at #"
        ),
        (
            #""response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"properties": {"a": {"type": "text"}}}}}"#,
            "response_format.json_schema.schema", "#/properties/a"
        ),
        (
            #""response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": false}}"#,
            "response_format.json_schema.schema", "false allows no answer"
        ),
        (#""guided_json": {"propertys": {}}"#, "guided_json", "did you mean 'properties'?"),
        (#""guided_regex": "(?=a)""#, "guided_regex", "(?="),
        (#""guided_regex": "(""#, "guided_regex", "')' is missing"),
        (#""grammar": "root = 1""#, "grammar", "line 1"), (#""guided_choice": []"#, "guided_choice", "must be"),
        (#""guided_choice": "a""#, "guided_choice", "must be"), (#""guided_json": 7"#, "guided_json", "must be"),
        (#""guided_json": "{""#, "guided_json", "JSON Schema"),
        (#""structured_outputs": {"structural_tag": "x"}"#, "structured_outputs.structural_tag", "not supported"),
        (
            #""structured_outputs": {"whitespace_pattern": "x"}"#, "structured_outputs.whitespace_pattern",
            "not supported"
        ),
        (#""structured_outputs": {"disable_fallback": 1}"#, "structured_outputs.disable_fallback", "must be"),
        (#""guided_regex": "a", "guided_choice": ["b"]"#, "guided_choice", "both"),
        (#""guided_json": {"type": "integer", "minimum": 2, "maximum": 1}"#, "guided_json", "contradict"),
    ]

    @Test(arguments: wrong, ["chat/completions", "completions"])
    func whatIsWrongIsNamed(wrong: (fields: String, param: String, says: String), route: String) async throws {
        try await served { client in
            let body = route == "completions" ? #"{"prompt": "Hi", \#(wrong.fields)}"# : ChatTests.body(wrong.fields)
            let response = try await client.post("/v1/" + route, body)
            #expect(response.status == .badRequest)
            let error = try response.json["error"]
            #expect(error?["param"] == .string(wrong.param), "\(response.text)")
            let message = error?["message"]?.string ?? ""
            #expect(message.contains(wrong.says) && !message.contains("?."), "\(message)")
        }
    }
}

extension Constraint {
    /// Whether an answer may begin so, or be so.
    func takes(_ text: String, whole: Bool = false) -> Bool {
        var matcher = Matcher(grammar)
        for byte in text.utf8 where !matcher.accept(Int(byte)) { return false }
        return !whole || matcher.canEnd
    }
}

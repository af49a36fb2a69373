import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Synchronization
import Testing
import Text

/// Stop strings count in words that no form holds: not in calls, not in forms, not in thoughts.
@Suite(.timeLimit(.minutes(15))) struct StopScopeTests {
    static let call = "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"New STOP York\"}}\n</tool_call>"
    static let arguments = "{\"city\": \"New STOP York\"}"

    static func model(_ script: String) -> ScriptedModel {
        var model = ScriptedModel(script)
        model.card.chatTemplate = "{{ messages }} {{ tools }}"
        (model.card.calls, model.card.thoughts) = (ToolTests.form, .known[0])
        return model
    }

    /// How a dialect is asked, and where its answers have what.
    struct Dialect: Sendable, CustomTestStringConvertible {
        var path: String, body: String, tools: String, form: String, stop: String, nothing = #""top_p": 1"#
        var words: @Sendable (JSON) -> String?, ending: @Sendable (JSON) -> String?
        /// The text of a call's arguments.
        var call: @Sendable (JSON) -> String?

        var testDescription: String { path }
    }

    private static let messages = #""messages": [{"role": "user", "content": "Hi"}]"#
    private static let schema =
        #"{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false}"#
    private static let openAI =
        #""response_format": {"type": "json_schema", "json_schema": {"name": "p", "schema": \#(schema)}}"#

    private static func chat(_ path: String) -> Dialect {
        Dialect(
            path: path,
            body: #""model": "fake", \#(messages)"#,
            tools: ToolTests.tools,
            form: openAI,
            stop: #""stop": ["STOP", "}", "<"]"#,
            words: { $0["choices"]?[0]?["message"]?["content"]?.string },
            ending: { $0["choices"]?[0]?["finish_reason"]?.string },
            call: { $0["choices"]?[0]?["message"]?["tool_calls"]?[0]?["function"]?["arguments"]?.string }
        )
    }

    static let dialects = [
        chat("/v1/chat/completions"), chat("/v2/chat/completions"),
        Dialect(
            path: "/v1/messages",
            body: #""model": "fake", "max_tokens": 500, \#(messages)"#,
            tools: #""tools": [{"name": "weather", "input_schema": \#(schema)}]"#,
            form: #""output_config": {"format": {"type": "json_schema", "schema": \#(schema)}}"#,
            stop: #""stop_sequences": ["STOP", "}", "<"]"#,
            words: { $0["content"]?.array?.compactMap { $0["text"]?.string }.joined() },
            ending: { $0["stop_reason"]?.string },
            call: { $0["content"]?.array?.last?["input"]?.text(.python) }
        ),
        Dialect(
            path: "/api/chat",
            body: #""model": "fake", "stream": false, \#(messages)"#,
            tools: ToolTests.tools,
            form: #""format": \#(schema)"#,
            stop: #""options": {"stop": ["STOP", "}", "<"]}"#,
            nothing: #""keep_alive": null"#,
            words: { $0["message"]?["content"]?.string },
            ending: { $0["done_reason"]?.string },
            call: { $0["message"]?["tool_calls"]?[0]?["function"]?["arguments"]?.text(.python) }
        ),
    ]

    private func answer(_ script: String, _ dialect: Dialect, _ fields: String) async throws -> JSON {
        let said = Box()
        try await served(Self.model(script)) { client in
            let response = try await client.post(dialect.path, "{\(dialect.body), \(fields), \(dialect.stop)}")
            #expect(response.status == .ok, "\(response.text)")
            let json = try response.json
            said.answer.withLock { $0 = json }
        }
        return said.answer.withLock(\.self)
    }

    private final class Box: Sendable { let answer = Mutex<JSON>(.null) }

    @Test(arguments: dialects) func aCallIsWrittenToItsEnd(dialect: Dialect) async throws {
        let answer = try await answer("Let me see.\n" + Self.call, dialect, dialect.tools)
        #expect(dialect.call(answer) == Self.arguments, "\(answer.text())")
        #expect(["tool_calls", "tool_use", "stop"].contains(dialect.ending(answer)), "\(answer.text())")
        #expect(dialect.words(answer) == "Let me see.\n")
    }

    @Test(arguments: dialects) func aFormIsWrittenToItsEnd(dialect: Dialect) async throws {
        let answer = try await answer(Self.arguments, dialect, dialect.form)
        #expect(dialect.words(answer) == Self.arguments, "\(answer.text())")
        #expect(["stop", "end_turn"].contains(dialect.ending(answer)), "\(answer.text())")
    }

    @Test(arguments: dialects) func wordsEndBeforeAStopString(dialect: Dialect) async throws {
        for fields in [dialect.tools, dialect.nothing] {
            let answer = try await answer("One two STOP three", dialect, fields)
            #expect(dialect.words(answer) == "One two ", "\(answer.text())")
            #expect(["stop", "stop_sequence"].contains(dialect.ending(answer)), "\(answer.text())")
        }
    }

    @Test(arguments: dialects) func thoughtsDoNotEndBeforeAStopString(dialect: Dialect) async throws {
        let answer = try await answer("<think>\nSTOP? } yes\n</think>\n\nFine STOP not", dialect, dialect.nothing)
        #expect(dialect.words(answer) == "Fine ", "\(answer.text())")
    }

    /// What begins like a call and is none, is words after all.
    @Test func aMarkerThatIsNoneIsFoundLate() async throws {
        let dialect = Self.dialects[0]
        let answer = try await answer("a <tool STOP", dialect, dialect.tools)
        #expect(dialect.words(answer) == "a ", "\(answer.text())")
    }

    @Test func streamedItIsTheSame() async throws {
        let dialect = Self.dialects[0]
        let cases = [
            ("Let me see.\n" + Self.call, dialect.tools, Self.arguments),
            (Self.arguments, dialect.form, Self.arguments),
            ("One two STOP three", dialect.tools, "One two "),
        ]
        for (script, fields, expected) in cases {
            try await served(Self.model(script)) { client in
                let body = #"{\#(dialect.body), \#(fields), \#(dialect.stop), "stream": true}"#
                let deltas = try await client.post(dialect.path, body).events.compactMap {
                    $0["choices"]?[0]?["delta"]
                }
                let words = deltas.compactMap { $0["content"]?.string }.joined()
                let calls = deltas.compactMap { $0["tool_calls"]?[0]?["function"]?["arguments"]?.string }.joined()
                #expect((calls.isEmpty ? words : calls) == expected, "\(words) \(calls)")
            }
        }
    }

    /// Plain completions have no words but the form's.
    @Test func aPatternIsWrittenToItsEnd() async throws {
        try await served(Self.model("ab-ab")) { client in
            let body =
                #"{"model": "fake", "prompt": "\u0002", "guided_regex": "(ab-?)+", "stop": "-", "max_tokens": 50}"#
            let choice = try await client.post("/v1/completions", body).json["choices"]?[0]
            #expect(choice?["text"] == "ab-ab" && choice?["finish_reason"] == "stop", "\(String(describing: choice))")
        }
    }
}

import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// Anthropic's Messages API.
@Suite struct MessagesTests {
    static let path = "/v1/messages"

    static func body(_ more: String = "", tokens: Int = 64) -> String {
        let head = #"{"model": "fake", "max_tokens": \#(tokens), "messages": [{"role": "user", "content": "Hi"}]"#
        return head + (more.isEmpty ? "" : ", " + more) + "}"
    }

    static let tools = """
        "tools": [{"name": "weather", "description": "d", "input_schema": {"type": "object", "properties": {"city": \
        {"type": "string"}}, "required": ["city"]}}, {"name": "now", "input_schema": {"type": "object", "properties": {}}}]
        """

    @Test func answersWholeAndInEvents() async throws {
        try await served(ToolTests.model(ToolTests.calling)) { client in
            let whole = try await client.post(Self.path, Self.body(Self.tools))
            #expect(whole.status == .ok, "\(whole.text)")
            try expectGolden(whole.text + "\n", "messages.txt")
            let stream = try await client.post(Self.path, Self.body(Self.tools + #", "stream": true"#))
            #expect(stream.headers[.contentType] == "text/event-stream; charset=utf-8")
            try expectGolden(stream.pingless, "messages-stream.txt")
        }
    }

    @Test func thoughtsAreToldOfAndNotTold() async throws {
        try await served(ToolTests.model(ToolTests.calling)) { client in
            let omitted = Self.tools + #", "thinking": {"type": "adaptive", "display": "omitted"}"#
            let whole = try await client.post(Self.path, Self.body(omitted)).json["content"]
            #expect(whole?[0] == ["type": "thinking", "thinking": "", "signature": ""] && whole?[1]?["type"] == "text")
            let stream = try await client.post(Self.path, Self.body(omitted + #", "stream": true"#)).text
            #expect(stream.contains("signature_delta") && !stream.contains("thinking_delta"))
        }
    }

    static let endings: [(reason: FinishReason, tokens: Int, says: JSON)] = [
        (.endOfText, 64, "end_turn"), (.stopString("\n"), 64, "stop_sequence"), (.length, 4, "max_tokens"),
        (.length, 128, "model_context_window_exceeded"),
    ]

    @Test(arguments: endings) func itSaysWhyItEnded(reason: FinishReason, tokens: Int, says: JSON) async throws {
        var model = FakeModel()
        model.reason = reason
        try await served(model) { client in
            let json = try await client.post(Self.path, Self.body(tokens: tokens)).json
            #expect(json["stop_reason"] == says)
            #expect(json["stop_sequence"] == (says == "stop_sequence" ? "\n" : .null))
            #expect(json["content"]?[0] == ["type": "text", "text": "Hello, world!"])
        }
    }

    @Test func messagesBecomeTheTemplates() async throws {
        let model = ToolTests.model(["x"])
        let body = """
            {"max_tokens": 5, "system": [{"type": "text", "text": "Be"}], "temperature": 0.5, "top_k": 3, "stop_sequences": ["!"], \
            "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, \
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "t", "signature": "s"}, {"type": "text", "text": "c"}, \
            {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}}]}, \
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "9"}]}, \
            {"type": "text", "text": "d"}]}], \(Self.tools)}
            """
        try await served(model) { client in
            let response = try await client.post(Self.path, body)
            #expect(response.status == .ok, "\(response.text)")
        }
        let request = try #require(model.watch.requests.first)
        let prompt = ByteVocabulary().text(of: request.prompt)
        #expect(prompt == "[weather][now]system:Be\nuser:a\nb\nassistant:(t)c\ntool:9\nuser:d\n>")
        #expect(request.sampling.temperature == 0.5 && request.sampling.topK == 3 && request.stop == ["!"])
        #expect(request.maxTokens == 5)
    }

    static let choices: [(choice: String, text: String, isTaken: Bool)] = [
        (#"{"type": "auto"}"#, "Hello", true), (#"{"type": "any"}"#, "Hello", false),
        (#"{"type": "tool", "name": "now"}"#, "<tool_call>\n{\"name\": \"w", false),
        (
            #"{"type": "tool", "name": "now"}"#, "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>\n",
            false
        ),
        (
            #"{"type": "any", "disable_parallel_tool_use": true}"#,
            "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>\n", false
        ),
    ]

    @Test(arguments: choices) func aChoiceOfToolsIsKept(choice: String, text: String, isTaken: Bool) async throws {
        let model = ToolTests.model(["x"])
        try await served(model) { client in
            _ = try await client.post(Self.path, Self.body(Self.tools + #", "tool_choice": \#(choice)"#))
        }
        #expect(try #require(model.watch.requests.first?.constraint).takes(text) == isTaken)
    }

    @Test func thoughtsHaveABudgetAndAnswersAForm() async throws {
        let model = ToolTests.model(["x"])
        let form = #""output_config": {"format": {"type": "json_schema", "schema": {"type": "integer"}}}"#
        try await served(model) { client in
            let thinking = #""thinking": {"type": "enabled", "budget_tokens": 1024}"#
            _ = try await client.post(Self.path, Self.body(thinking, tokens: 1100))
            _ = try await client.post(Self.path, Self.body(form))
            let older = #""output_format": {"type": "json_schema", "schema": {"type": "integer"}}"#
            _ = try await client.post(Self.path, Self.body(older))
        }
        #expect(model.watch.requests.count == 3)
        #expect(model.watch.requests.first?.constraint?.budget?.tokens == 1024)
        #expect(model.watch.requests.last?.constraint?.takes("7", whole: true) == true)
    }

    @Test func tokensAreCounted() async throws {
        try await served { client in
            let response = try await client.post(
                Self.path + "/count_tokens",
                #"{"messages": [{"role": "user", "content": "Hi"}], "temprature": 1}"#
            )
            #expect(try response.json == ["input_tokens": 9])
            #expect(response.headers[.init("x-ignored-fields")!] == "temprature")
        }
    }

    /// Documents and what a search has found are texts in tags; a result may have them too.
    @Test func documentsAreTexts() async throws {
        let model = ToolTests.model(["x"])
        let document =
            #"{"type": "document", "title": "T", "context": "C", "source": {"type": "text", "media_type": "text/plain", "data": "a"}}"#
        let parts = #"{"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "b"}]}}"#
        let found =
            #"{"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "c"}]}"#
        let call = #"{"role": "assistant", "content": [{"type": "tool_use", "id": "u", "name": "now", "input": {}}]}"#
        let answer =
            #"{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "u", "content": [\#(found)]}]}"#
        let turns =
            #"{"role": "user", "content": [\#(document), \#(parts), {"type": "text", "text": "?"}]}, \#(call), \#(answer)"#
        try await served(model) { client in
            let response = try await client.post(Self.path, #"{"max_tokens": 5, "messages": [\#(turns)]}"#)
            #expect(response.status == .ok, "\(response.text)")
        }
        let prompt = ByteVocabulary().text(of: try #require(model.watch.requests.first).prompt)
        #expect(
            prompt == """
                user:<document>
                <title>T</title>
                <context>C</context>
                a
                </document>
                <document>
                b
                </document>
                ?
                assistant:-
                tool:<search_result>
                <source>s</source>
                <title>t</title>
                c
                </search_result>
                >
                """
        )
    }

    static let harmless = [
        #""metadata": {"user_id": "u"}"#, #""metadata": {}"#, #""service_tier": "standard_only""#,
        #""inference_geo": "global""#, #""cache_control": {"type": "ephemeral", "ttl": "1h"}"#,
        #""context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}"#,
        #""context_management": {"edits": []}"#, #""betas": ["x-2025-01-01"], "speed": "standard""#,
        #""stop_sequences": []"#, #""output_config": {}"#,
    ]

    @Test(arguments: harmless) func whatChangesNothingIsTaken(fields: String) async throws {
        try await served { client in
            let response = try await client.post(Self.path, Self.body(fields))
            #expect(response.status == .ok && response.headers[.init("x-ignored-fields")!] == nil, "\(response.text)")
        }
    }

    static let refused: [(body: String, status: HTTPResponse.Status, type: JSON, says: String)] = [
        (#"{"messages": [{"role": "user", "content": "x"}]}"#, .badRequest, "invalid_request_error", "max_tokens"),
        (#"{"max_tokens": 0, "messages": []}"#, .badRequest, "invalid_request_error", "max_tokens"),
        (#"{"max_tokens": 1, "messages": []}"#, .badRequest, "invalid_request_error", "messages"),
        (#"{"max_tokens": 1}"#, .badRequest, "invalid_request_error", "messages"),
        ("{", .badRequest, "invalid_request_error", "JSON"),
        (
            #"{"max_tokens": 1, "messages": [{"role": "tool", "content": "x"}]}"#, .badRequest, "invalid_request_error",
            "messages[0].role"
        ),
        (
            #"{"max_tokens": 1, "messages": [{"role": "user", "content": [{"type": "image"}]}]}"#, .badRequest,
            "invalid_request_error", "messages[0].content[0]"
        ),
        (
            #"{"max_tokens": 1, "messages": [{"role": "user", "content": [{"type": "tool_result"}]}]}"#, .badRequest,
            "invalid_request_error", "tool_use_id"
        ),
        (#"{"model": "other", "max_tokens": 1, "messages": []}"#, .notFound, "not_found_error", "other"),
        (body(#""temperature": 1.5"#), .badRequest, "invalid_request_error", "temperature"),
        (body(#""top_k": -1"#), .badRequest, "invalid_request_error", "top_k"),
        (body(#""top_p": "x""#), .badRequest, "invalid_request_error", "top_p"),
        (body(#""stop_sequences": [1]"#), .badRequest, "invalid_request_error", "stop_sequences[0]"),
        (body(#""system": 7"#), .badRequest, "invalid_request_error", "system"),
        (body(#""stream": 1"#), .badRequest, "invalid_request_error", "stream"),
        (body(#""thinking": {"type": "much"}"#), .badRequest, "invalid_request_error", "thinking.type"),
        (
            body(#""tools": [{"type": "web_search_20250305", "name": "x"}]"#), .badRequest, "invalid_request_error",
            "tools[0].type"
        ),
        (body(#""tools": [{"name": "x"}]"#), .badRequest, "invalid_request_error", "tools[0].input_schema"),
        (body(#""tool_choice": {"type": "some"}"#), .badRequest, "invalid_request_error", "tool_choice.type"),
        (body(#""mcp_servers": [{}]"#), .badRequest, "invalid_request_error", "mcp_servers"),
        (
            body(#""output_config": {"format": {"type": "json_schema", "schema": {"not": {}}}}"#), .badRequest,
            "invalid_request_error", "'not'"
        ),
    ]

    @Test(arguments: refused)
    func refusalsAreInTheirForm(body: String, status: HTTPResponse.Status, type: JSON, says: String) async throws {
        try await served { client in
            let response = try await client.post(Self.path, body), json = try response.json
            #expect(
                response.status == status && json["type"] == "error" && json["error"]?["type"] == type,
                "\(response.text)"
            )
            #expect(json["error"]?["message"]?.string?.contains(says) == true, "\(response.text)")
        }
    }

    @Test(arguments: ["x-api-key", "authorization"]) func bothStylesOfKeysAreTaken(header: String) async throws {
        try await served(FakeModel()) {
            $0.apiKeys = ["secret"]
        } _: { client in
            let name = try #require(HTTPField.Name(header)), value = header == "x-api-key" ? "secret" : "Bearer secret"
            let taken = try await client.post(Self.path, Self.body(), headers: [name: value])
            #expect(taken.status == .ok)
            let refused = try await client.post(Self.path, Self.body(), headers: [name: value + "s"])
            #expect(try refused.status == .unauthorized && refused.json["error"]?["type"] == "authentication_error")
        }
    }
}

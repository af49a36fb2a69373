import HTTPTypes
import HummingbirdTesting
import Inference
import Testing
import Text

/// Turns of a conversation in Anthropic's words: searches that its server made, and which of several things wrong is named.
@Suite struct AnthropicTurnTests {
    private static let text = #"{"type": "text", "text": "Let me look."}"#
    private static let search =
        #"{"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "wrens"}}"#

    /// - Parameter content: what was found, as a JSON text.
    private static func found(_ content: String) -> String {
        #"{"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": \#(content)}"#
    }

    private static func body(assistant content: String) -> String {
        let turn = #"{"role": "assistant", "content": [\#(content)]}"#
        return """
            {"max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}, \(turn), {"role": "user", "content": "?"}]}
            """
    }

    private static let page = """
        {"type": "web_search_result", "url": "https://a.example/", "title": "Birds", "encrypted_content": "x", "page_age": null}
        """

    static let contents: [(content: String, lines: [String])] = [
        (
            "[\(page)]",
            ["<web_search_result>", "<title>Birds</title>", "<url>https://a.example/</url>", "</web_search_result>"]
        ),
        ("[]", []),
        (
            #"{"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}"#,
            ["Error: max_uses_exceeded"]
        ),
    ]

    @Test(arguments: contents.indices) func aSearchIsAText(index: Int) async throws {
        let (content, lines) = Self.contents[index], model = ToolTests.model(["x"])
        let said = [Self.text, Self.search, Self.found(content), Self.text].joined(separator: ", ")
        try await served(model) { client in
            let response = try await client.post(MessagesTests.path, Self.body(assistant: said))
            #expect(response.status == .ok, "\(response.text)")
            #expect(response.headers[HTTPField.Name("x-ignored-fields")!] == nil)
        }
        let question = ["<web_search>", "<query>wrens</query>", "</web_search>"]
        let answer: [String] = ["<web_search_results>"] + lines + ["</web_search_results>"]
        let all: [String] =
            ["user:Hi", "assistant:Let me look."] + question + answer + ["Let me look.", "user:?", ">"]
        let prompt = ByteVocabulary().text(of: try #require(model.watch.requests.first).prompt)
        #expect(prompt == all.joined(separator: "\n"))
    }

    /// Blocks behind the text and, where they tell what was found, the search.
    static let wrongSearches: [(block: String, place: String)] = [
        (#"{"type": "server_tool_use", "name": "web_search", "input": {"query": "a"}}"#, "[1].id"),
        (#"{"type": "server_tool_use", "id": "s", "name": 7, "input": {"query": "a"}}"#, "[1].name"),
        (#"{"type": "server_tool_use", "id": "s", "name": "code_execution", "input": {"code": "a"}}"#, "[1].name"),
        (#"{"type": "server_tool_use", "id": "s", "name": "web_search", "input": "a"}"#, "[1].input"),
        (#"{"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": 7}}"#, "[1].input.query"),
        (#"{"type": "web_search_tool_result", "content": []}"#, "[2].tool_use_id"),
        (found("7"), "[2].content"), (found("[7]"), "[2].content[0].type"),
        (found(#"[{"type": "web_fetch_result"}]"#), "[2].content[0].type"),
        (found(#"[{"type": "web_search_result", "title": "a"}]"#), "[2].content[0].url"),
        (found(#"[{"type": "web_search_result", "url": "a", "title": 7}]"#), "[2].content[0].title"),
        (
            found(#"[{"type": "web_search_result", "url": "a", "title": "a", "page_age": 7}]"#),
            "[2].content[0].page_age"
        ),
        (found(#"{"type": "error"}"#), "[2].content.type"),
        (found(#"{"type": "web_search_tool_result_error", "error_code": 7}"#), "[2].content.error_code"),
        (#"{"type": "web_fetch_tool_result", "tool_use_id": "s", "content": []}"#, "[2]"),
        (#"{"type": "web_search_tool_result", "tool_use_id": "nope", "content": []}"#, "[2].tool_use_id"),
        ("\(found("[]")), \(search)", "[1].tool_use_id"), ("\(found("[]")), \(found("[]"))", "[3].tool_use_id"),
        (search, "[2].id"),
    ]

    @Test(arguments: wrongSearches.indices) func whatIsWrongOfASearchIsNamed(index: Int) async throws {
        let (block, place) = Self.wrongSearches[index]
        let before = place.hasPrefix("[1]") ? [Self.text] : [Self.text, Self.search]
        let body = Self.body(assistant: (before + [block]).joined(separator: ", "))
        try await Self.expectRefusal(of: "messages[1].content\(place)", body)
    }

    /// Turns of which one cannot be read; the call of the second has its result in a later one.
    static let turns: [(call: String, result: String, field: String)] = [
        (#"{"role": "asistant", "content": [\#(call)]}"#, answered, "messages[1].role"),
        (#"{"content": [\#(call)]}"#, answered, "messages[1].role"), ("7", answered, "messages[1]"),
        (#"{"role": "assistant", "content": [\#(call), 7]}"#, answered, "messages[1].content[1]"),
        (#"{"role": "assistant", "content": 7}"#, answered, "messages[1].content"),
        (calling, "7", "messages[2]"), (calling, #"{"role": "user", "content": [7]}"#, "messages[2].content[0]"),
        (calling, #"{"role": "usr", "content": [\#(result)]}"#, "messages[2].role"),
        (calling, #"{"role": "user", "content": "?"}"#, "messages[1].content[0].id"),
        (
            #"{"role": "assistant", "content": [\#(search)]}, {"role": "user", "content": "?"}"#,
            #"{"role": "assistant", "content": [\#(found("[]"))]}"#, "messages[3].content[0].tool_use_id"
        ),
    ]

    private static let call = #"{"type": "tool_use", "id": "c", "name": "now", "input": {}}"#
    private static let result = #"{"type": "tool_result", "tool_use_id": "c", "content": "9"}"#
    private static let calling = #"{"role": "assistant", "content": [\#(call)]}"#
    private static let answered = #"{"role": "user", "content": [\#(result)]}"#

    @Test(arguments: turns.indices) func theTurnThatCannotBeReadIsNamed(index: Int) async throws {
        let (call, result, field) = Self.turns[index]
        let messages = #"[{"role": "user", "content": "Hi"}, \#(call), \#(result)]"#
        try await Self.expectRefusal(of: field, #"{"max_tokens": 5, "messages": \#(messages)}"#)
    }

    /// Bodies, where `BLOCK` is a text with citations, and its place.
    static let cited: [(body: String, place: String)] = [
        (body(assistant: "BLOCK"), "messages[1].content[0]"), (asking("BLOCK"), "messages[0].content[0]"),
        (
            asking(#"{"type": "document", "source": {"type": "content", "content": [BLOCK]}}"#),
            "messages[0].content[0].source.content[0]"
        ),
        (
            #"{"max_tokens": 5, "system": [BLOCK], "messages": [{"role": "user", "content": "Hi"}]}"#, "system[0]"
        ),
    ]

    private static func asking(_ block: String) -> String {
        #"{"max_tokens": 5, "messages": [{"role": "user", "content": [\#(block)]}]}"#
    }

    private static func citing(_ citations: String, in body: String) -> String {
        body.replacing("BLOCK", with: #"{"type": "text", "text": "a", "citations": \#(citations)}"#)
    }

    static let wrongCitations: [(citations: String, place: String)] = [
        ("5", ""), (#""zz""#, ""), (#"{"enabled": false}"#, ""), ("[4]", "[0]"), ("[{}]", "[0].type"),
        (#"[{"type": "zz"}]"#, "[0].type"), (#"[{"type": "char_location"}, {"type": 7}]"#, "[1].type"),
    ]

    @Test(arguments: cited.indices, wrongCitations.indices)
    func aWrongCitationIsNamed(index: Int, what: Int) async throws {
        let (body, place) = Self.cited[index], (citations, within) = Self.wrongCitations[what]
        try await Self.expectRefusal(of: "\(place).citations\(within)", Self.citing(citations, in: body))
    }

    static let citations = [
        "null", "[]",
        """
        [{"type": "char_location"}, {"type": "page_location"}, {"type": "content_block_location"}, \
        {"type": "web_search_result_location"}, {"type": "search_result_location"}]
        """,
    ]

    @Test(arguments: cited.indices, citations) func whatWasCitedIsTaken(index: Int, citations: String) async throws {
        try await served(ToolTests.model(["x"])) { client in
            let body = Self.citing(citations, in: Self.cited[index].body)
            let response = try await client.post(MessagesTests.path, body)
            #expect(response.status == .ok, "\(response.text)")
        }
    }

    private static func expectRefusal(of field: String, _ body: String) async throws {
        try await served { client in
            let response = try await client.post(MessagesTests.path, body)
            #expect(response.status == .badRequest, "\(response.text)")
            let message = try response.json["error"]?["message"]?.string
            #expect(message?.contains("'\(field)'") == true, "\(field): \(response.text)")
        }
    }
}

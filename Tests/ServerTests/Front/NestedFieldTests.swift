import HTTPTypes
import HummingbirdTesting
import Testing

/// A misspelt member of an object is told by its place, as a misspelt field is by its name.
@Suite struct NestedFieldTests {
    /// More fields of a request for a chat, and what is told of them.
    static let ofChats: [(more: String, told: [String])] = [
        (
            #""response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}, "stirct": true}, "x": 1}"#,
            ["response_format.json_schema.stirct", "response_format.x"]
        ),
        (#""response_format": {"type": "text", "schema": {}}"#, ["response_format.schema"]),
        (#""stream": true, "stream_options": {"include_usge": true}"#, ["stream_options.include_usge"]),
        (#""tools": [\#(tool), \#(misspelt)]"#, ["tools[1].function.parametres", "tools[1].deferred"]),
        (
            #""tools": [\#(tool)], "tool_choice": {"type": "function", "function": {"name": "a", "nmae": 1}}"#,
            ["tool_choice.function.nmae"]
        ),
        (#""thinking": {"type": "disabled", "budget": 7}, "thinkng": 1"#, ["thinkng", "thinking.budget"]),
        (
            #""prediction": {"type": "content", "content": [{"type": "text", "text": "a", "b": 1}]}"#,
            ["prediction.content[0].b"]
        ),
    ]

    private static let tool = #"{"type": "function", "function": {"name": "a"}}"#
    private static let misspelt =
        #"{"type": "function", "function": {"name": "b", "parametres": {}}, "deferred": 1}"#

    @Test(arguments: ofChats.indices, [ChatTests.path, QianfanTests.path])
    func whatChatsDoNotKnowIsTold(index: Int, path: String) async throws {
        let (more, told) = Self.ofChats[index]
        try await Self.expect(told, path, ChatTests.body(more))
    }

    static let ofOthers: [(path: String, body: String, told: [String])] = [
        (
            ChatTests.path, ChatTests.body(#""stream": true, "stream_options": {"chunk_include_usage": "x"}"#),
            ["stream_options.chunk_include_usage"]
        ),
        (
            "/v1/completions", #"{"prompt": "Hi", "stream": true, "stream_options": {"usage": true}}"#,
            ["stream_options.usage"]
        ),
        (ResponsesTests.path, #"{"input": "Hi", "text": {"fromat": {"type": "text"}}}"#, ["text.fromat"]),
        (
            ResponsesTests.path,
            #"{"input": "Hi", "text": {"format": {"type": "json_schema", "name": "n", "schema": {}, "json_schema": {}}}}"#,
            ["text.format.json_schema"]
        ),
        (
            ResponsesTests.path, #"{"input": "Hi", "tools": [{"type": "function", "name": "a", "function": {}}]}"#,
            ["tools[0].function"]
        ),
        (
            ResponsesTests.path, #"{"input": "Hi", "stream": true, "stream_options": {"include_usage": true}}"#,
            ["stream_options.include_usage"]
        ),
        (
            ResponsesTests.path, #"{"input": [\#(items)]}"#,
            [
                "input[0].foo", "input[1].content[0].foo", "input[1].content[1].txt", "input[1].created_by",
                "input[2].zz", "input[3].zz", "input[3].output[0].foo", "input[4].summary[0].foo", "input[4].phase",
                "input[5].foo",
            ]
        ),
        (
            ResponsesTests.path + "/input_tokens",
            #"{"input": [{"type": null, "role": "user", "content": "Hi", "foo": 1}]}"#,
            ["input[0].foo"]
        ),
        (
            OllamaTests.chat, OllamaTests.body(#""tools": [\#(misspelt)]"#),
            ["tools[0].function.parametres", "tools[0].deferred"]
        ),
        (
            MessagesTests.path, MessagesTests.body(#""output_config": {"fromat": {"type": "json_schema"}}"#),
            ["output_config.fromat"]
        ),
        (
            MessagesTests.path,
            MessagesTests.body(
                #""tools": [{"name": "a", "input_schema": {}, "schema": {}}], "tool_choice": {"type": "any", "n": 1}"#
            ),
            ["tools[0].schema", "tool_choice.n"]
        ),
        (
            MessagesTests.path, MessagesTests.body(#""thinking": {"type": "adaptive", "effort": 1}"#),
            ["thinking.effort"]
        ),
        (
            MessagesTests.path, #"{"max_tokens": 5, "messages": [{"role": "user", "id": 1, "content": [\#(block)]}]}"#,
            ["messages[0].id", "messages[0].content[0].txt", "messages[0].content[0].cache_control.tll"]
        ),
        (
            MessagesTests.path + "/count_tokens",
            #"{"system": [\#(block)], "messages": [{"role": "user", "content": [\#(document)]}]}"#,
            [
                "system[0].txt", "system[0].cache_control.tll", "messages[0].content[0].source.content[0].txt",
                "messages[0].content[0].source.content[0].cache_control.tll", "messages[0].content[0].titel",
            ]
        ),
    ]

    private static let items = """
        {"role": "user", "content": "Hi", "foo": 1}, {"type": "message", "role": "assistant", "content": \
        [{"type": "output_text", "text": "a", "foo": 1}, {"type": "refusal", "refusal": "b", "txt": 1}], "created_by": "c"}, \
        {"type": "function_call", "call_id": "c", "name": "now", "arguments": "{}", "zz": 1}, {"type": \
        "function_call_output", "call_id": "c", "zz": 1, "output": [{"type": "input_text", "text": "9", "foo": 1}]}, \
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "s", "foo": 1}], "phase": null}, \
        {"role": "user", "content": "?", "foo": {}}
        """
    private static let block =
        #"{"type": "text", "text": "a", "txt": 1, "cache_control": {"type": "ephemeral", "tll": 1}}"#
    private static let document =
        #"{"type": "document", "source": {"type": "content", "content": [\#(block)]}, "titel": "T"}"#

    @Test(arguments: ofOthers.indices) func whatOthersDoNotKnowIsTold(index: Int) async throws {
        let (path, body, told) = Self.ofOthers[index]
        try await Self.expect(told, path, body)
    }

    static let known: [(path: String, body: String)] = [
        (
            ChatTests.path,
            ChatTests.body(
                """
                "stream": true, "stream_options": {"include_usage": true, "include_obfuscation": false}, "response_format": \
                {"type": "json_schema", "json_schema": {"name": "n", "description": "d", "strict": false, "schema": {"title": "t"}}}
                """
            )
        ),
        (ChatTests.path, ChatTests.body(#""response_format": {"type": "json_object", "schema": {"title": "t"}}"#)),
        (
            ChatTests.path,
            #"{"messages": [{"role": "user", "content": "Hi", "mood": 1}], "chat_template_kwargs": {"mood": 1}}"#
        ),
        (
            ResponsesTests.path,
            """
            {"input": [{"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "s"}], "content": \
            [{"type": "reasoning_text", "text": "t"}], "encrypted_content": null, "status": "completed"}, {"role": "assistant", \
            "id": "msg_1", "status": "completed", "phase": "commentary", "content": [{"type": "output_text", "text": "a", \
            "annotations": [], "logprobs": []}, {"type": "refusal", "refusal": "r"}]}, {"type": "function_call", "id": "fc_1", \
            "call_id": "c", "name": "f", "arguments": "{}", "status": "completed", "namespace": "n", "caller": \
            {"type": "direct"}, "created_by": "m"}, {"type": "function_call_output", "id": "fco_1", "call_id": "c", "output": \
            "9", "status": "completed", "caller": "m", "created_by": "m"}, {"type": "message", "role": "user", "content": \
            [{"type": "input_text", "text": "a"}]}]}
            """
        ),
        (QianfanTests.path, ChatTests.body(#""stream": true, "stream_options": {"chunk_include_usage": true}"#)),
        (
            MessagesTests.path,
            """
            {"max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "text", "text": "a", "citations": null}, \
            {"type": "document", "title": "T", "context": "C", "citations": {"enabled": false}, "source": {"type": "text", \
            "media_type": "text/plain", "data": "x"}}, {"type": "search_result", "source": "s", "title": "t", "content": \
            [{"type": "text", "text": "c"}], "citations": {}}]}, {"role": "assistant", "content": [{"type": "thinking", \
            "thinking": "t", "signature": "s"}, {"type": "redacted_thinking", "data": "d"}, {"type": "tool_use", "id": "u", \
            "name": "now", "input": {"x": 1}}]}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "u", \
            "is_error": false, "content": [{"type": "text", "text": "9"}], "cache_control": {"type": "ephemeral"}}]}]}
            """
        ),
    ]

    @Test(arguments: known.indices) func whatIsKnownIsNotTold(index: Int) async throws {
        try await Self.expect([], Self.known[index].path, Self.known[index].body)
    }

    /// A header has room for some.
    @Test func twentyAreTold() async throws {
        let blocks = Array(repeating: Self.block, count: 500).joined(separator: ", ")
        let body = #"{"messages": [{"role": "user", "content": [\#(blocks)]}], "odd": 1}"#
        let places = (0..<10).flatMap { index in
            ["txt", "cache_control.tll"].map { "messages[0].content[\(index)].\($0)" }
        }
        try await Self.expect(["odd"] + Array(places.prefix(19)), MessagesTests.path + "/count_tokens", body)
    }

    private static func expect(_ told: [String], _ path: String, _ body: String) async throws {
        try await served(ToolTests.model(["x"])) { client in
            let response = try await client.post(path, body)
            #expect(response.status == .ok, "\(response.text)")
            let names = response.headers[HTTPField.Name("x-ignored-fields")!] ?? ""
            #expect(names.split(separator: ",").map(String.init) == told, "\(names)")
        }
    }
}

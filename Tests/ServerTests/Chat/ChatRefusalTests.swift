import HTTPTypes
import HummingbirdTesting
import Inference
import NIOCore
import Server
import Testing
import Text

/// Every field with every kind of wrong value: the status, and the field that the error names.
@Suite struct ChatRefusalTests {
    static let wrong: [(field: String, value: String, param: String)] = [
        ("model", "7", "model"), ("messages", "[]", "messages"), ("messages", "\"hi\"", "messages"),
        ("messages", "[7]", "messages[0]"), ("messages", #"[{"content": "x"}]"#, "messages[0].role"),
        ("messages", #"[{"role": "wizard", "content": "x"}]"#, "messages[0].role"),
        ("messages", #"[{"role": 7, "content": "x"}]"#, "messages[0].role"),
        ("messages", #"[{"role": "user"}]"#, "messages[0].content"),
        ("messages", #"[{"role": "user", "content": null}]"#, "messages[0].content"),
        ("messages", #"[{"role": "assistant"}]"#, "messages[0].content"),
        ("messages", #"[{"role": "user", "content": 7}]"#, "messages[0].content"),
        ("messages", #"[{"role": "user", "content": []}]"#, "messages[0].content"),
        ("messages", #"[{"role": "user", "content": [{"text": "x"}]}]"#, "messages[0].content[0].type"),
        ("messages", #"[{"role": "user", "content": [{"type": "text"}]}]"#, "messages[0].content[0].text"),
        (
            "messages", #"[{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]"#,
            "messages[0].content[0]"
        ),
        ("messages", #"[{"role": "user", "content": [{"type": "input_audio"}]}]"#, "messages[0].content[0]"),
        ("messages", #"[{"role": "user", "content": [{"type": "file"}]}]"#, "messages[0].content[0]"),
        ("messages", #"[{"role": "user", "content": [{"type": "smell"}]}]"#, "messages[0].content[0].type"),
        (
            "messages", #"[{"role": "assistant", "tool_calls": [{"function": {}}]}]"#,
            "messages[0].tool_calls[0].function.name"
        ),
        ("messages", #"[{"role": "assistant", "tool_calls": [7]}]"#, "messages[0].tool_calls[0]"),
        ("messages", #"[{"role": "assistant", "tool_calls": [{"id": "a"}]}]"#, "messages[0].tool_calls[0].function"),
        ("messages", called(#""function": 7"#), "messages[0].tool_calls[0].function"),
        ("messages", called(#""name": 7"#), "messages[0].tool_calls[0].name"),
        ("messages", called(#""function": {"name": ""}"#), "messages[0].tool_calls[0].function.name"),
        ("messages", called(#""type": 7, "function": {"name": "f"}"#), "messages[0].tool_calls[0].type"),
        ("messages", called(#""type": true, "function": {"name": "f"}"#), "messages[0].tool_calls[0].type"),
        ("messages", called(#""type": "custom", "function": {"name": "f"}"#), "messages[0].tool_calls[0].type"),
        (
            "messages", #"[{"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]}]"#,
            "messages[0].tool_calls[0].id"
        ),
        (
            "messages",
            #"[{"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{"}}]}]"#,
            "messages[0].tool_calls[0].function.arguments"
        ),
        ("messages", #"[{"role": "tool", "content": "x"}]"#, "messages[0].tool_call_id"),
        ("messages", #"[{"role": "tool", "content": "x", "tool_call_id": "a"}]"#, "messages[0].tool_call_id"),
        ("messages", #"[{"role": "assistant", "content": "x", "prefix": 1}]"#, "messages[0].prefix"),
        ("messages", #"[{"role": "user", "content": "x", "prefix": true}]"#, "messages[0].prefix"),
        ("reasoning_effort", "\"huge\"", "reasoning_effort"), ("thinking", "3", "thinking"),
        ("thinking", "{}", "thinking.type"),
        ("response_format", #"{"type": "json_schema"}"#, "response_format.json_schema"),
        (
            "response_format", #"{"type": "json_schema", "json_schema": {"name": "n"}}"#,
            "response_format.json_schema.schema"
        ),
        (
            "response_format", #"{"type": "json_schema", "json_schema": {"schema": {}}}"#,
            "response_format.json_schema.name"
        ),
        ("temperature", "2.1", "temperature"), ("temperature", "-0.1", "temperature"),
        ("temperature", "\"hot\"", "temperature"), ("temperature", "1e308", "temperature"),
        ("temperature", "[]", "temperature"),
        ("top_p", "1.01", "top_p"), ("top_p", "-1", "top_p"), ("top_p", "true", "top_p"),
        ("top_k", "-2", "top_k"), ("top_k", "1.5", "top_k"), ("top_k", "99999999999", "top_k"),
        ("min_p", "2", "min_p"), ("min_p", "{}", "min_p"),
        ("repetition_penalty", "0", "repetition_penalty"), ("repetition_penalty", "11", "repetition_penalty"),
        ("presence_penalty", "-2.5", "presence_penalty"), ("frequency_penalty", "3", "frequency_penalty"),
        ("n", "0", "n"), ("n", "-1", "n"), ("n", "17", "n"), ("n", "\"two\"", "n"), ("n", "1.5", "n"),
        ("max_tokens", "0", "max_tokens"), ("max_tokens", "-1", "max_tokens"), ("max_tokens", "1.5", "max_tokens"),
        ("max_tokens", "4611686018427387904", "max_tokens"),
        ("max_completion_tokens", "0", "max_completion_tokens"),
        ("max_completion_tokens", "\"x\"", "max_completion_tokens"),
        ("seed", "1.5", "seed"), ("seed", "\"x\"", "seed"), ("seed", "99999999999999999999999", "seed"),
        ("stop", "7", "stop"), ("stop", "\"\"", "stop"), ("stop", "[7]", "stop[0]"),
        ("stop", "[\"a\", \"\"]", "stop[1]"),
        ("stop", "[" + Array(repeating: "\"x\"", count: 17).joined(separator: ",") + "]", "stop"),
        ("logit_bias", "[]", "logit_bias"), ("logit_bias", #"{"0": 200}"#, "logit_bias"),
        ("logit_bias", #"{"x": 1}"#, "logit_bias"),
        ("logit_bias", #"{"99999999": 1}"#, "logit_bias"), ("logit_bias", #"{"-1": 1}"#, "logit_bias"),
        ("logit_bias", #"{"1": "x"}"#, "logit_bias"),
        ("logprobs", "1", "logprobs"), ("top_logprobs", "2", "top_logprobs"),
        ("logprobs\": true, \"top_logprobs", "21", "top_logprobs"),
        ("logprobs\": true, \"top_logprobs", "-1", "top_logprobs"),
        ("stream", "\"yes\"", "stream"), ("stream_options", "{\"include_usage\": true}", "stream_options"),
        ("stream\": true, \"stream_options", "7", "stream_options"),
        ("stream\": true, \"stream_options", "{\"include_usage\": 1}", "stream_options.include_usage"),
        (
            "stream\": true, \"stream_options", "{\"include_obfuscation\": 1}", "stream_options.include_obfuscation"
        ),
        ("tools", "7", "tools"), ("tools", "[{}]", "tools[0].type"), ("tools", #"[{"type": "web"}]"#, "tools[0].type"),
        ("tools", #"[{"type": "function"}]"#, "tools[0].function.name"),
        ("tools", #"[{"type": "function", "function": {"name": "f", "strict": "x"}}]"#, "tools[0].function.strict"),
        ("prediction", "{}", "prediction.type"), ("verbosity", "\"loud\"", "verbosity"),
        ("chat_template_kwargs", "7", "chat_template_kwargs"), ("ignore_eos", "7", "ignore_eos"),
        ("priority", "101", "priority"), ("priority", "-101", "priority"), ("priority", "\"high\"", "priority"),
    ]

    private static func called(_ fields: String) -> String {
        #"[{"role": "assistant", "tool_calls": [{"id": "a", \#(fields)}]}]"#
    }

    @Test(arguments: wrong)
    func aWrongValueIsNamed(field: String, value: String, param: String) async throws {
        try await served { client in
            let messages = field == "messages" ? "" : #""messages": [{"role": "user", "content": "Hi"}], "#
            let response = try await client.post(ChatTests.path, "{\(messages)\"\(field)\": \(value)}")
            #expect(response.status == .badRequest)
            let error = try response.json["error"]
            #expect(error?["param"] == .string(param), "\(response.text)")
            #expect(error?["type"] == "invalid_request_error")
            #expect(error?["message"]?.string?.contains(param.prefix { $0 != "[" }) == true)
        }
    }

    static let unsupported = [
        ("functions", "[{}]"), ("function_call", #"{"name": "x"}"#), ("modalities", #"["text", "audio"]"#),
        ("audio", "{}"),
        ("moderation", "{}"), ("web_search_options", "{}"), ("structural_tag", "{}"), ("echo", "true"),
        ("chat_template", "\"{{ messages }}\""),
    ]

    @Test(arguments: unsupported)
    func whatWouldBeIgnoredIsRefusedByName(field: String, value: String) async throws {
        try await served { client in
            let response = try await client.post(ChatTests.path, ChatTests.body("\"\(field)\": \(value)"))
            #expect(response.status == .badRequest)
            #expect(try response.json["error"]?["param"] == .string(field))
            #expect(try response.json["error"]?["code"] == "unsupported_parameter")
        }
    }

    static let inVain = [
        ("function_call", #"{"name": "f", "arguments": "{}"}"#, "tool_calls"), ("audio", #"{"id": "a"}"#, "content"),
    ]

    /// A conversation whose second message, an assistant's, has one member more.
    private static func past(_ member: String, _ content: String) -> String {
        let first = #"{"role": "user", "content": "Hi"}"#
        return #"{"messages": [\#(first), {"role": "assistant", "content": \#(content), \#(member)}, \#(first)]}"#
    }

    @Test(arguments: inVain, [#""said""#, "null"])
    func whatAPastAnswerHasInVainIsRefusedByName(member: (String, String, String), content: String) async throws {
        let (name, value, remedy) = member
        try await served { client in
            let refused = try await client.post(ChatTests.path, Self.past("\"\(name)\": \(value)", content))
            #expect(refused.status == .badRequest && refused.text.contains("'\(remedy)'"), "\(refused.text)")
            #expect(try refused.fault == ["messages[1].\(name)", "unsupported_parameter"])
            let taken = try await client.post(ChatTests.path, Self.past("\"\(name)\": null", "\"said\""))
            #expect(taken.status == .ok, "\(taken.text)")
        }
    }

    static let harmless = [
        ("response_format", #"{"type": "text"}"#), ("tool_choice", "\"none\""), ("tool_choice", "\"auto\""),
        ("modalities", #"["text"]"#), ("functions", "[]"), ("store", "true"), ("service_tier", "\"auto\""),
        ("stop", "[]"), ("tools", "[]"), ("logit_bias", "{}"), ("top_k", "-1"), ("reasoning_effort", "\"none\""),
        ("chat_template_kwargs", #"{"enable_thinking": false}"#),
        ("prediction", #"{"type": "content", "content": "x"}"#),
    ]

    @Test(arguments: harmless)
    func whatAsksForNothingWeLackIsTaken(field: String, value: String) async throws {
        try await served { client in
            let reply = try await client.post(ChatTests.path, ChatTests.body("\"\(field)\": \(value)"))
            #expect(reply.status == .ok)
        }
    }

    static let nameless = [
        (ChatTests.path, #"{"messages": [{"role": "user", "content": "Hi"}]}"#),
        ("/v1/completions", #"{"prompt": "Hi"}"#),
        ("/v1/responses", #"{"input": "Hi", "model": null}"#),
    ]

    @Test(arguments: nameless) func aRequestNamesItsModel(path: String, body: String) async throws {
        try await served { client in
            let response = try await client.post(path, body, names: false)
            #expect(try response.status == .badRequest && response.fault == ["model", "missing_required_parameter"])
            #expect(response.text.contains("name one of 'fake'"), "\(response.text)")
        }
    }

    @Test func anUnknownModelIsNotFound() async throws {
        try await served { client in
            let response = try await client.post(ChatTests.path, #"{"model": "other", "messages": []}"#)
            #expect(response.status == .notFound)
            #expect(try response.json["error"]?["code"] == "model_not_found")
        }
    }

    @Test func aModelWithoutATemplateCannotChat() async throws {
        var model = FakeModel()
        model.card.chatTemplate = nil
        try await served(model) { client in
            let response = try await client.post(ChatTests.path, ChatTests.body())
            #expect(response.status == .badRequest)
            #expect(try response.json["error"]?["code"] == "no_chat_template")
        }
    }

    @Test(arguments: [("auto", true), ("required", true), ("none", false)])
    func aTemplateThatKnowsNoToolsTakesThem(choice: String, isHeld: Bool) async throws {
        var model = FakeModel()
        model.card.calls = .hermes
        let tools = #""tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "\#(choice)""#
        try await served(model) { client in
            _ = try await client.post(ChatTests.path, ChatTests.body(tools))
        }
        let request = try #require(model.watch.requests.first)
        #expect((request.constraint != nil) == isHeld)
        #expect(ByteVocabulary().text(of: request.prompt).hasPrefix("[f]") == isHeld)
    }

    static let broken = [
        "", "{", "[]", "null", "\"text\"", "{'model': 1}", "{} {}", "{\"a\": 01}", "{\"a\": 1e999}", "{\"a\": NaN}",
        "{\"a\": --1}",
        #"{"messages": "# + String(repeating: "[", count: 100_000),
        String(repeating: #"{"a":"#, count: 100_000),
    ]

    @Test(arguments: broken)
    func brokenJSONIsABadRequest(body: String) async throws {
        try await served { client in
            let response = try await client.post(ChatTests.path, body)
            #expect(response.status == .badRequest)
            #expect(try response.json["error"]?["message"]?.string?.isEmpty == false)
        }
    }

    @Test(
        arguments: [[0xFF, 0xFE], Array("{\"model\":\"".utf8) + [0xFF] + Array("\"}".utf8), [0xC0, 0x80]] as [[UInt8]]
    )
    func brokenUTF8IsABadRequest(body: [UInt8]) async throws {
        try await served { client in
            let response = try await client.execute(uri: ChatTests.path, method: .post, body: .init(bytes: body))
            #expect(response.status == .badRequest)
        }
    }

    @Test func aBrokenBodyIsToldWhere() async throws {
        try await served { client in
            let response = try await client.post(ChatTests.path, "{\"model\": \"x\",\n \"messages\": nope}")
            #expect(try response.json["error"]?["message"]?.string?.contains("line 2") == true)
        }
    }
}

import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// Every field of every dialect, with what it cannot be: 400, in the dialect's own form, and the field is named.
@Suite struct BadFieldTests {
    /// A route, what is asked there, and what a refusal looks like.
    struct Route: Sendable {
        let path: String, body: OrderedObject
        let isRefusal: @Sendable (JSON) -> Bool
        let message: @Sendable (JSON) -> String?
    }

    static let turns: JSON = [["role": "user", "content": "Hi"]]

    static let messages = Route(path: "/v1/messages", body: ["max_tokens": 5, "messages": turns]) {
        $0["type"] == "error" && $0["error"]?["type"] == "invalid_request_error"
    } message: {
        $0["error"]?["message"]?.string
    }
    static let counted = Route(
        path: "/v1/messages/count_tokens",
        body: ["messages": turns],
        isRefusal: messages.isRefusal,
        message: messages.message
    )
    static let chat = Route(path: "/api/chat", body: ["messages": turns]) {
        $0.object?.keys == ["error"]
    } message: {
        $0["error"]?.string
    }
    static let generate = Route(
        path: "/api/generate",
        body: ["prompt": "Hi"],
        isRefusal: chat.isRefusal,
        message: chat.message
    )
    static let qianfan = Route(path: "/v2/chat/completions", body: ["messages": turns]) {
        $0["error"]?.object?.keys == ["code", "message", "type"] && $0["error"]?["code"]?.string != nil
    } message: {
        $0["error"]?["message"]?.string
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let route: Route, field: String, value: JSON
        var testDescription: String { "\(route.path) \(field) = \(value.text())" }
    }

    private static func cases(_ route: Route, _ fields: [(String, [JSON])]) -> [Case] {
        fields.flatMap { field, values in values.map { Case(route: route, field: field, value: $0) } }
    }

    static let forMessages = cases(
        messages,
        [
            ("model", [7, []]), ("messages", ["Hi", 7, []]),
            ("messages[0].role", [[["role": "x", "content": "a"]]]),
            (
                "messages[0].content",
                [[["role": "user"]], [["role": "user", "content": 7]], [["role": "user", "content": []]]]
            ),
            ("system", [7]),
            ("max_tokens", [0, -1, 1.5, "all", .null]), ("temperature", [2, -1, "hot"]), ("top_p", [2, -1, "x"]),
            ("top_k", [-1, 1.5, "x"]), ("stop_sequences", [7, "x"]), ("stop_sequences[0]", [[""], [7]]),
            ("stream", ["yes", 1]), ("max_tokens", [129, 100_000]),
            ("tools", [7]),
            ("tools[0].input_schema", [[["name": "a"]]]), ("tools[0].name", [[["input_schema": [:]]]]),
            ("tool_choice", ["auto"]), ("tool_choice.type", [["type": "x"], [:]]), ("thinking", [true, 3, "enabled"]),
            ("thinking.type", [["type": "x"], [:]]),
            (
                "thinking.budget_tokens",
                [
                    ["type": "enabled"], ["type": "enabled", "budget_tokens": 0],
                    ["type": "enabled", "budget_tokens": 1023], ["type": "enabled", "budget_tokens": 1024],
                    ["type": "enabled", "budget_tokens": "x"], ["type": "disabled", "budget_tokens": 1024],
                    ["type": "adaptive", "budget_tokens": 1024],
                ]
            ),
            ("thinking.display", [["type": "adaptive", "display": "x"]]),
            ("output_config", [7]), ("output_config.format.type", [["format": ["type": "xml"]]]),
            ("output_config.effort", [["effort": 7], ["effort": "huge"], ["effort": "none"]]),
            ("output_format.type", [["type": "xml"]]), ("mcp_servers", [[["url": "x"]]]), ("container", ["x"]),
            (
                "context_management",
                [
                    ["edits": [["type": "clear_tool_uses_20250919"]]], ["edits": [["type": "clear_thinking_20251015"]]],
                    ["edits": 7], ["cuts": []], 7,
                ]
            ),
            ("seed", [1.5, "x"]), ("priority", [101, -101, 1.5, "x"]),
            ("metadata", [7, "x", []]), ("metadata.user_id", [["user_id": 7]]), ("metadata.team", [["team": "x"]]),
            ("service_tier", [7, "magic", "default"]), ("inference_geo", [7, []]), ("speed", [7, "slow"]),
            ("betas", [7, "x"]), ("betas[0]", [[7]]),
            ("cache_control", [7, "ephemeral"]), ("cache_control.type", [[:], ["type": "for good"]]),
            ("cache_control.ttl", [["type": "ephemeral", "ttl": "1d"], ["type": "ephemeral", "ttl": 5]]),
        ]
    )

    /// What is wrong inside of blocks, as JSON texts: a field, and the block of a user's message that has it.
    private static let blocks: [(field: String, blocks: [String])] = [
        ("", [#"{"type": "image"}"#, #"{"type": "x"}"#]),
        (".cache_control.type", [#"{"type": "text", "text": "a", "cache_control": {"type": "x"}}"#]),
        (".tool_use_id", [#"{"type": "tool_result"}"#, #"{"type": "tool_result", "tool_use_id": "toolu_0"}"#]),
        (
            ".source",
            [
                #"{"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": ""}}"#,
                #"{"type": "document", "source": {"type": "url", "url": "http://127.0.0.1/x"}}"#,
                #"{"type": "document", "source": {"type": "file", "file_id": "x"}}"#,
                #"{"type": "search_result", "title": "a", "content": []}"#,
            ]
        ),
        (".source.type", [#"{"type": "document"}"#, #"{"type": "document", "source": {"type": "x"}}"#]),
        (
            ".source.media_type",
            [#"{"type": "document", "source": {"type": "text", "media_type": "text/html", "data": "a"}}"#]
        ),
        (".source.data", [#"{"type": "document", "source": {"type": "text", "media_type": "text/plain"}}"#]),
        (
            ".citations.enabled",
            [#"{"type": "document", "citations": {"enabled": true}, "source": {"type": "content", "content": "a"}}"#]
        ),
        (".title", [#"{"type": "search_result", "source": "a", "content": []}"#]),
        (".content", [#"{"type": "search_result", "source": "a", "title": "b", "content": "c"}"#]),
        (".content[0]", [#"{"type": "search_result", "source": "a", "title": "b", "content": [{"type": "image"}]}"#]),
    ]

    static let forBlocks = [messages, counted].flatMap { route in
        blocks.flatMap { field, blocks in
            blocks.map { block in
                let turns = #"[{"role": "user", "content": [\#(block)]}]"#
                return Case(route: route, field: "messages[0].content[0]" + field, value: parsed(turns))
            }
        }
    }

    /// What is wrong inside of an assistant's blocks.
    private static let ownBlocks: [(field: String, block: String)] = [
        (".signature", #"{"type": "thinking", "thinking": "a", "signature": true}"#),
        (".data", #"{"type": "redacted_thinking", "data": 5}"#), (".data", #"{"type": "redacted_thinking"}"#),
        (".name", #"{"type": "tool_use", "id": "toolu_1", "name": "", "input": {}}"#),
    ]

    static let forOwnBlocks = [messages, counted].flatMap { route in
        ownBlocks.map { field, block in
            let turns = #"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [\#(block)]}]"#
            return Case(route: route, field: "messages[1].content[0]" + field, value: parsed(turns))
        }
    }

    private static func parsed(_ text: String) -> JSON { (try? JSON(parsing: text)) ?? "no JSON: \(text)" }

    /// Results of tools that no call of the turn before asked for, and what is wrong elsewhere.
    static let forTurns = [
        Case(
            route: messages,
            field: "messages[2].content[0].tool_use_id",
            value: parsed(
                """
                [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", \
                "name": "now", "input": {}}]}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_2"}]}]
                """
            )
        ),
        Case(
            route: counted,
            field: "system[0].cache_control.type",
            value: parsed(#"[{"type": "text", "text": "a", "cache_control": {}}]"#)
        ),
        Case(
            route: messages,
            field: "tools[0].cache_control.ttl",
            value: parsed(
                #"[{"name": "a", "input_schema": {}, "cache_control": {"type": "ephemeral", "ttl": "1y"}}]"#
            )
        ),
    ]

    static let forChat = cases(
        chat,
        [
            ("model", [7]), ("truncate", ["x", 1]), ("shift", [0]), ("messages", [7, "Hi"]),
            ("messages[0].role", [[["content": "a"]], [["role": "x", "content": "a"]]]),
            ("messages[0].content", [[["role": "user"]], [["role": "user", "content": []]]]),
            ("messages[0].images", [[["role": "user", "content": "a", "images": ["x"]]]]),
            ("tools", [7]), ("tools[0].type", [[["function": ["name": "a"]]]]), ("stream", ["no"]),
            ("format", [7, "xml"]),
            ("messages[0].tool_calls[0].function.arguments", [called("\"{\""), called("\"[1]\""), called("7")]),
            ("messages[0].tool_calls[0].function.name", [called("{}", of: "")]),
            ("messages[0].tool_calls[0].function", [[["role": "assistant", "tool_calls": [["id": "call_1"]]]]]),
            ("think", [7, "deep", true, "low"]), ("keep_alive", ["soon", true]), ("logprobs", [true]),
            ("top_logprobs", [3]),
            ("options", [7, "x"]),
        ]
    )

    static let forGenerate = cases(
        generate,
        [
            ("prompt", [7, ["x"]]), ("system", [7]), ("raw", ["x"]), ("images", [["x"]]), ("suffix", [7, "x"]),
            ("template", [7, "{{ .Prompt }}", "{% if %}"]), ("context", [7, "x"]),
            ("context[0]", [["x"], [-1], [258]]),
            ("stream", [1]), ("truncate", [1]), ("shift", ["no"]), ("format", [[1]]), ("think", [1.5, true, "high"]),
            ("keep_alive", ["1y"]), ("options", [7, "x"]), ("logprobs", [true]), ("top_logprobs", [3]),
            ("model", [[:]]),
        ]
    )

    static let options: [(String, [JSON])] = [
        ("temperature", [3, -1, "x"]), ("top_p", [2, "x"]), ("top_k", [1.5, "x"]), ("min_p", [2]),
        ("repeat_penalty", [0, "x"]),
        ("presence_penalty", [3]), ("frequency_penalty", [-3]), ("seed", [1.5, "x"]), ("stop", [7]),
        ("num_predict", [-3, 1.5, "x"]), ("mirostat", [1]), ("typical_p", [0.5]), ("tfs_z", [0.5]),
        ("num_ctx", ["x", 0, -1, 1.5, true]), ("num_gpu", ["all", -2]), ("num_thread", ["x", -1]),
        ("repeat_last_n", ["x", -2, 1.5]), ("num_keep", ["x", -2]), ("num_batch", [0, "x"]), ("main_gpu", [-1, "x"]),
        ("low_vram", [1, "x"]), ("use_mmap", ["x"]), ("use_mlock", [0]), ("numa", ["x"]), ("penalize_newline", ["x"]),
    ]

    static let forOptions = [chat, generate].flatMap { route in
        options.flatMap { name, values in
            values.map { Case(route: route, field: "options." + name, value: .object(OrderedObject([(name, $0)]))) }
        }
    }

    static let forQianfan = cases(
        qianfan,
        [
            ("model", [7]), ("messages", [7, [], .null]), ("messages[0].role", [[["role": "x", "content": "a"]]]),
            ("temperature", [3, "x"]), ("top_p", [2]), ("top_k", [1.5]), ("min_p", [2]),
            ("penalty_score", [0.5, 3, "x"]),
            ("repetition_penalty", [0, "x"]), ("presence_penalty", [3]), ("frequency_penalty", [3]), ("seed", [1.5]),
            ("stop", [7]),
            ("n", [0]), ("priority", [101, -101, 1.5, "x"]), ("stream", [1]),
            ("stream_options", [["include_usage": true], ["chunk_include_usage": true]]),
            ("max_tokens", [0, "x"]), ("max_completion_tokens", [0]), ("logprobs", ["x"]), ("top_logprobs", [21]),
            ("logit_bias", [["x": 1]]), ("tools", [7]), ("tool_choice", ["x"]), ("parallel_tool_calls", ["x"]),
            ("response_format.type", [["type": "x"]]), ("reasoning_effort", [7, "huge", "low"]),
            ("enable_thinking", ["x", true]),
            ("thinking", [3]), ("thinking.type", [["type": "x"], [:], ["type": "enabled"]]),
            ("thinking_budget", [-1, 100]), ("web_search", [["enable": true], ["enable": "yes"]]),
            ("chat_template_kwargs", [7]), ("continue_final_message", [true, "x"]), ("add_generation_prompt", ["x"]),
            ("stream_options.chunk_include_usage", [["chunk_include_usage": 1]]),
            (
                "messages[0].prefix",
                [
                    parsed(#"[{"role": "assistant", "content": "a", "prefix": "x"}]"#),
                    parsed(#"[{"role": "user", "content": "a", "prefix": true}]"#),
                    parsed(
                        #"[{"role": "assistant", "content": "a", "prefix": true}, {"role": "user", "content": "b"}]"#
                    ),
                ]
            ),
        ]
    )

    /// A message that calls a function with these arguments.
    private static func called(_ arguments: String, of name: String = "now") -> JSON {
        let function = #"{"name": "\#(name)", "arguments": \#(arguments)}"#
        let call = #"{"id": "call_1", "type": "function", "function": \#(function)}"#
        return parsed(#"[{"role": "assistant", "tool_calls": [\#(call)]}]"#)
    }

    static let all: [Case] =
        forMessages + forBlocks + forOwnBlocks + forTurns + forChat + forGenerate + forOptions + forQianfan

    @Test(arguments: all)
    func theFieldIsNamed(wrong: Case) async throws {
        var body = wrong.route.body
        let name = wrong.field.prefix { $0 != "." && $0 != "[" }
        body[String(name)] = wrong.value
        let text = JSON.object(body).text()
        try await served { client in
            let response = try await client.post(wrong.route.path, text)
            #expect(response.status == .badRequest, "\(text): \(response.text)")
            let json = try response.json
            #expect(wrong.route.isRefusal(json), "\(response.text)")
            let message = wrong.route.message(json) ?? ""
            #expect(message.contains("'\(wrong.field)'"), "\(text): \(response.text)")
        }
    }

    @Test(arguments: [messages.path, counted.path, chat.path, generate.path, qianfan.path])
    func aRequestNamesItsModel(path: String) async throws {
        let route = try #require(
            [Self.messages, Self.counted, Self.chat, Self.generate, Self.qianfan].first { $0.path == path }
        )
        try await served { client in
            let response = try await client.post(path, JSON.object(route.body).text(), names: false)
            #expect(try response.status == .badRequest && route.isRefusal(response.json), "\(response.text)")
            #expect(try route.message(response.json)?.contains("'model' is missing: name one of 'fake'") == true)
        }
    }
}

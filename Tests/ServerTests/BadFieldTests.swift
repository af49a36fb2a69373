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
            ("messages[0].content", [[["role": "user"]], [["role": "user", "content": 7]]]), ("system", [7]),
            ("max_tokens", [0, -1, 1.5, "all", .null]), ("temperature", [2, -1, "hot"]), ("top_p", [2, -1, "x"]),
            ("top_k", [-1, 1.5, "x"]), ("stop_sequences", [7]), ("stream", ["yes", 1]),
            ("tools", [7]),
            ("tools[0].input_schema", [[["name": "a"]]]), ("tools[0].name", [[["input_schema": [:]]]]),
            ("tool_choice", ["auto"]), ("tool_choice.type", [["type": "x"], [:]]), ("thinking", [true]),
            ("thinking.type", [["type": "x"]]), ("thinking.budget_tokens", [["type": "enabled", "budget_tokens": 0]]),
            ("output_config.format.type", [["format": ["type": "xml"]]]), ("output_config.effort", [["effort": 7]]),
            ("output_format.type", [["type": "xml"]]), ("mcp_servers", [[["url": "x"]]]), ("container", ["x"]),
            ("context_management", [["edits": []]]), ("seed", [1.5, "x"]),
        ]
    )

    static let forChat = cases(
        chat,
        [
            ("model", [7]), ("messages", [7, "Hi"]),
            ("messages[0].role", [[["content": "a"]], [["role": "x", "content": "a"]]]),
            ("messages[0].content", [[["role": "user"]]]),
            ("messages[0].images", [[["role": "user", "content": "a", "images": ["x"]]]]),
            ("tools", [7]), ("tools[0].type", [[["function": ["name": "a"]]]]), ("stream", ["no"]),
            ("format", [7, "xml"]),
            ("think", [7, "deep"]), ("keep_alive", ["soon", true]), ("logprobs", [true]), ("top_logprobs", [3]),
            ("options", [7, "x"]),
        ]
    )

    static let forGenerate = cases(
        generate,
        [
            ("prompt", [7, ["x"]]), ("system", [7]), ("raw", ["x"]), ("images", [["x"]]), ("suffix", ["x"]),
            ("template", ["x"]),
            ("context", [[1]]), ("stream", [1]), ("format", [[1]]), ("think", [1.5]), ("keep_alive", ["1y"]),
            ("model", [[:]]),
        ]
    )

    static let options: [(String, [JSON])] = [
        ("temperature", [3, -1, "x"]), ("top_p", [2, "x"]), ("top_k", [1.5, "x"]), ("min_p", [2]),
        ("repeat_penalty", [0, "x"]),
        ("presence_penalty", [3]), ("frequency_penalty", [-3]), ("seed", [1.5, "x"]), ("stop", [7]),
        ("num_predict", [-3, 1.5, "x"]), ("mirostat", [1]), ("typical_p", [0.5]), ("tfs_z", [0.5]),
    ]

    static let forOptions = options.flatMap { name, values in
        values.map { Case(route: chat, field: "options." + name, value: .object(OrderedObject([(name, $0)]))) }
    }

    static let forQianfan = cases(
        qianfan,
        [
            ("model", [7]), ("messages", [7, [], .null]), ("messages[0].role", [[["role": "x", "content": "a"]]]),
            ("temperature", [3, "x"]), ("top_p", [2]), ("top_k", [1.5]), ("min_p", [2]),
            ("penalty_score", [0.5, 3, "x"]),
            ("repetition_penalty", [0, "x"]), ("presence_penalty", [3]), ("frequency_penalty", [3]), ("seed", [1.5]),
            ("stop", [7]),
            ("n", [0]), ("stream", [1]), ("stream_options", [["include_usage": true], ["chunk_include_usage": true]]),
            ("max_tokens", [0, "x"]), ("max_completion_tokens", [0]), ("logprobs", ["x"]), ("top_logprobs", [21]),
            ("logit_bias", [["x": 1]]), ("tools", [7]), ("tool_choice", ["x"]), ("parallel_tool_calls", ["x"]),
            ("response_format.type", [["type": "x"]]), ("reasoning_effort", [7]), ("enable_thinking", ["x"]),
            ("thinking.type", [["type": "x"]]), ("thinking_budget", [-1]), ("web_search", [["enable": true]]),
            ("chat_template_kwargs", [7]), ("continue_final_message", [true, "x"]), ("add_generation_prompt", ["x"]),
        ]
    )

    @Test(arguments: forMessages + forChat + forGenerate + forOptions + forQianfan)
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
            // A field inside of another may be named by itself.
            let names = [wrong.field, wrong.field.split(separator: ".").last.map(String.init) ?? ""]
            let message = wrong.route.message(json) ?? ""
            #expect(names.contains { message.contains("'\($0)'") }, "\(text): \(response.text)")
        }
    }
}

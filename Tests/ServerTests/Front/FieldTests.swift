import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import Server
import Testing
import Text

/// Every field of OpenAI's request bodies with values of a wrong kind or out of range: 400, OpenAI's error object, and the field's
/// name in it.
@Suite struct FieldTests {
    /// A field and the JSON text of a value that is refused.
    struct Case: Sendable, CustomTestStringConvertible {
        let path: String, field: String, value: String

        var testDescription: String { "\(path) \(field): \(value)" }
    }

    private static let text = ["7", "[]"], flag = ["7", "\"yes\""], object = ["7", "[]"], word = ["7", "\"magic\""]
    private static let metadata = ["7", "[1]", #"{"a": 1}"#, #"{"a": "\#(String(repeating: "x", count: 513))"}"#]
    private static let many = [#"{"\#(String(repeating: "x", count: 65))": "y"}"#]

    private static let sampling: [String: [String]] = [
        "model": text, "temperature": ["3", "-1", "\"x\""], "top_p": ["2", "\"x\""], "top_k": ["-2", "1.5"],
        "min_p": ["2", "\"x\""], "repetition_penalty": ["0", "\"x\""], "presence_penalty": ["3", "\"x\""],
        "frequency_penalty": ["-3", "\"x\""], "logit_bias": ["7", #"{"x": 1}"#, #"{"1": 101}"#],
        "seed": ["\"x\"", "1.5"], "stop": ["7", "[7]", "\"\""], "n": ["0", "17", "\"x\""], "stream": flag,
        "stream_options": ["7", #"{"include_usage": true}"#], "ignore_eos": flag,
        "priority": ["101", "-101", "1.5", "\"high\""],
    ]
    private static let notes: [String: [String]] = [
        "user": text, "metadata": metadata + many, "store": flag, "service_tier": word,
        "safety_identifier": text + ["\"\(String(repeating: "x", count: 65))\""],
        "prompt_cache_key": text, "prompt_cache_options": object, "prompt_cache_retention": word, "cache_prompt": flag,
    ]
    private static let forms: [String: [String]] = [
        "response_format": [
            "7", #"{"type": "xml"}"#, #"{"type": "json_schema"}"#,
            #"{"type": "json_schema", "json_schema": {"schema": 7}}"#,
            #"{"type": "json_schema", "json_schema": {"name": "n"}}"#,
            #"{"type": "json_schema", "json_schema": {"schema": {}}}"#,
            #"{"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}"#,
        ],
        "grammar": ["7", "\"root ::= (\""], "json_schema": ["7", "\"x\""], "guided_json": ["7", "\"x\""],
        "guided_regex": ["7", "\"(\""], "guided_choice": ["7", "[]", "[7]"], "guided_grammar": ["7"],
        "structured_outputs": ["7", #"{"magic": 1}"#], "structural_tag": ["{}"], "guided_whitespace_pattern": ["\"x\""],
        "guided_decoding_backend": ["7"],
    ]
    private static let tools: [String: [String]] = [
        "tools": ["7", "[7]", #"[{"type": "web_search"}]"#], "tool_choice": ["7", "\"maybe\"", "\"required\""],
        "parallel_tool_calls": flag,
    ]

    private static let chat: [String: [String]] = [
        "messages": ["7", "[]", "[7]"] + turns, "max_tokens": ["0", "\"x\""], "max_completion_tokens": ["0", "\"x\""],
        "logprobs": flag, "top_logprobs": ["2", "\"x\""], "chat_template_kwargs": object,
        "reasoning_effort": text + ["\"huge\"", "\"low\""], "enable_thinking": flag + ["true"],
        "thinking": ["7", "{}", #"{"type": "maybe"}"#, #"{"type": "enabled"}"#],
        "thinking_budget": ["-1", "\"x\"", "64"], "verbosity": word, "add_generation_prompt": flag,
        "continue_final_message": flag, "prediction": ["7", #"{"type": "magic"}"#, #"{"type": "content"}"#],
        "functions": ["[{}]"], "function_call": ["{}"], "modalities": [#"["audio"]"#], "audio": ["{}"],
        "web_search_options": ["{}"], "moderation": ["{}"], "echo": ["true"],
    ]
    /// Calls and their answers that do not fit each other.
    private static let turns: [String] =
        [
            #"[{"role": "tool", "content": "x"}]"#, #"[{"role": "tool", "content": "x", "tool_call_id": "call_0"}]"#,
            #"[{"role": "assistant", "content": "a", "prefix": "x"}]"#,
        ]
        + ["{", "[1]", "7"].map {
            #"[{"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "\#($0)"}}]}]"#
        }
    private static let completions: [String: [String]] = [
        "prompt": ["7", "[]", "[[]]", "[-1]"], "suffix": ["7", "\"x\""], "max_tokens": ["-1", "\"x\""],
        "logprobs": ["21", "true"], "echo": flag, "best_of": ["0", "17", "\"x\""], "prediction": ["7"],
    ]
    private static let responses: [String: [String]] = [
        "input": [
            "7", "[]", "[7]", #"[{"role": "user", "content": 7}]"#, #"[{"role": "user", "content": "x", "id": 7}]"#,
            #"[{"type": "function_call_output", "output": "x"}]"#,
            #"[{"type": "function_call_output", "call_id": "call_0", "output": "x"}]"#,
            #"[{"type": "function_call", "call_id": "call_0", "name": "f", "arguments": "{"}]"#,
            #"[{"type": "reasoning", "id": "rs_1", "summary": []}]"#, #"[{"type": "reasoning", "summary": 5}]"#,
        ],
        "instructions": text, "max_output_tokens": ["0", "\"x\""], "max_tool_calls": ["0", "\"x\""],
        "text": [
            "7", #"{"format": {"type": "xml"}}"#, #"{"verbosity": "x"}"#, #"{"format": {"type": "json_schema"}}"#,
            #"{"format": {"type": "json_schema", "name": "n"}}"#, #"{"format": {"type": "json_schema", "schema": {}}}"#,
        ],
        "truncation": word,
        "reasoning": [
            "7", #"{"effort": 7}"#, #"{"effort": "huge"}"#, #"{"effort": "low"}"#, #"{"summary": "x"}"#,
            #"{"mode": "pro"}"#,
        ],
        "include": ["7", "[7]", #"["all"]"#, "[null]"], "previous_response_id": ["7", "\"resp_0\""], "background": flag,
        "thinking_budget": ["-1", "\"x\"", "64"], "top_logprobs": ["21", "1"], "conversation": ["\"c\""],
        "prompt": ["{}"], "moderation": ["{}"],
        "context_management": ["[7]"], "personality": ["\"x\""],
    ]
    private static let counted: Set<String> = [
        "conversation", "input", "instructions", "model", "parallel_tool_calls", "personality", "previous_response_id",
        "reasoning", "text", "tool_choice", "tools", "truncation",
    ]

    /// By path: what a good body has, and what is wrong of each field.
    static let routes: [String: (good: String, fields: [String: [String]])] = [
        "/v1/chat/completions": (
            #""messages": [{"role": "user", "content": "Hi"}]"#, merged([sampling, notes, forms, tools, chat])
        ),
        "/v1/completions": (#""prompt": "Hi""#, merged([sampling, notes, forms, completions])),
        "/v1/responses": (#""input": "Hi""#, merged([sampling, notes, tools, responses])),
        "/v1/responses/input_tokens": (
            #""input": "Hi""#, merged([sampling, tools, responses]).filter { counted.contains($0.key) }
        ),
        "/v1/embeddings": (
            #""model": "vectors", "input": "Hi""#,
            [
                "model": text + ["null", "\"fake\""], "input": ["7", "[]", "[[]]", "\"\"", "[-1]"],
                "dimensions": ["0", "5", "\"x\""],
                "encoding_format": word, "user": text,
            ]
        ),
        "/v1/rerank": (
            #""model": "vectors", "query": "q", "documents": ["a"]"#,
            [
                "model": text, "query": ["7", "\"\""], "documents": ["7", "[]", "[7]", #"[{"text": 7}]"#],
                "top_n": ["0", "\"x\""], "return_documents": flag, "max_tokens_per_doc": ["0", "1.5", "\"x\""],
            ]
        ),
        "/v1/fine_tuning/jobs": (
            #""model": "fake", "training_file": "file-1""#,
            [
                "model": text, "training_file": ["7", "\"file-0\""], "validation_file": ["7"],
                "method": ["7", #"{"type": "magic"}"#], "hyperparameters": ["7", #"{"n_epochs": 0}"#],
                "seed": ["-1", "\"x\""], "suffix": ["7", "\"\"", "\"a:b\""], "integrations": ["[{}]"],
                "metadata": metadata + many, "yuyan": ["7"], "user": text,
            ]
        ),
    ]

    private static func merged(_ tables: [[String: [String]]]) -> [String: [String]] {
        tables.reduce(into: [:]) { $0.merge($1) { $1 } }
    }

    static let cases = routes.sorted { $0.key < $1.key }.flatMap { path, route in
        route.fields.sorted { $0.key < $1.key }.flatMap { field, values in
            values.map { Case(path: path, field: field, value: $0) }
        }
    }

    @Test(arguments: cases) func aWrongValueIsRefusedByName(wrong: Case) async throws {
        let good = try JSON(parsing: "{\(Self.routes[wrong.path]?.good ?? "")}")
        var body = try #require(good.object)
        body[wrong.field] = try JSON(parsing: wrong.value)
        let text = JSON.object(body).text()
        try await whole(keeps: wrong.path.hasPrefix("/v1/fine") || wrong.field == "previous_response_id") { client in
            let response = try await client.post(wrong.path, text)
            #expect(response.status == .badRequest, "\(response.text)")
            let error = try response.json["error"]?.object
            #expect(error?.keys == ["message", "type", "param", "code"] && error?["type"] == "invalid_request_error")
            let param = error?["param"]?.string ?? ""
            #expect(
                param == wrong.field || param.hasPrefix(wrong.field + ".") || param.hasPrefix(wrong.field + "["),
                "\(param)"
            )
        }
    }

    /// What is too much, and the words that say how much it is.
    static let measured: [(field: String, value: JSON, says: String)] = [
        (
            "safety_identifier", .string(long(65)),
            "'safety_identifier' must be a string of at most 64 characters, but is one of 65."
        ),
        (
            "metadata", pairs((0..<17).map { "k\($0)" }, "v"),
            "'metadata' must be an object of at most 16 pairs, but is one of 17."
        ),
        ("metadata", pairs([long(65)], "v"), "have at most 64 characters, but is one with a key of 65."),
        (
            "metadata", pairs(["a"], long(513)),
            "'metadata.a' must be a string of at most 512 characters, but is one of 513."
        ),
        ("guided_choice", ["", ""], "one text that is not empty, but is one of empty strings alone."),
    ]

    private static func long(_ count: Int) -> String { String(repeating: "x", count: count) }

    private static func pairs(_ names: [String], _ value: String) -> JSON {
        .object(OrderedObject(names.map { ($0, JSON.string(value)) }))
    }

    @Test(arguments: measured) func whatIsTooMuchIsMeasured(field: String, value: JSON, says: String) async throws {
        var body: OrderedObject = ["messages": [["role": "user", "content": "Hi"]]]
        body[field] = value
        let text = JSON.object(body).text()
        try await whole(keeps: false) { client in
            let response = try await client.post(ChatTests.path, text)
            #expect(response.status == .badRequest)
            let message = try response.json["error"]?["message"]?.string ?? ""
            #expect(message.contains(says), "\(message)")
        }
    }

    /// The tables above leave out none of the fields that OpenAI's description of its API has.
    @Test func everyFieldHasItsCase() throws {
        let file = URL(filePath: #filePath).appending(path: "../../../Golden/Server/openai-fields.json").standardized
        let described = try #require(try JSON(parsing: String(contentsOf: file, encoding: .utf8)).object)
        for (path, fields) in described {
            let known = Set(try #require(Self.routes[path], "\(path)").fields.keys)
            let missing = Set(fields.array?.compactMap(\.string) ?? []).subtracting(known)
            #expect(missing.isEmpty && fields.array?.isEmpty == false, "\(path): \(missing.sorted())")
        }
        #expect(described.count == 6)
    }

    /// A server with everything; one that keeps nothing is made sooner.
    private func whole(
        keeps: Bool,
        _ test: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let home = keeps ? try Home() : nil
        var options = ServerOptions()
        (options.port, options.trapsSignals) = (0, false)
        let server = YuyanServer(
            models: OneModel(FakeModel()),
            vectors: VectorModels([FakeVectors()]),
            storage: try home?.storage(),
            tuner: home?.tuner,
            options: options,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            stamp: { Stamp(id: $0 + "1", created: 1_700_000_000) }
        )
        try await server.application.test(.router, test)
    }
}

import Foundation
import Text

/// A route whose body is read by name, and values of its fields: one that is right, where there is one, and one that is wrong.
struct FieldRoute: Sendable {
    let path: String
    /// A good one.
    let body: OrderedObject
    /// Of its fields those that are tried with this body; nil: all.
    var tried: Set<String>?
    /// Values that are right here, where others are elsewhere.
    var own: [String: JSON] = [:]

    private static let turns: JSON = [["role": "user", "content": "Hi"]]
    private static let talk: OrderedObject = ["model": "fake", "messages": turns]

    private static let tool: JSON = ["type": "function", "function": ["name": "now"]]
    private static let flatTool: JSON = ["type": "function", "name": "now"]
    private static let answered: OrderedObject = ["model": "fake", "input": "Hi"]
    private static let said: [String: JSON] = ["tools": [flatTool], "context_management": []]
    private static let asked: [String: JSON] = [
        "tools": [["name": "now", "input_schema": [:]]], "tool_choice": ["type": "auto"],
        "output_format": ["type": "json_schema", "schema": ["type": "object"]],
    ]
    private static let ranked: OrderedObject = ["model": "vectors", "query": "q", "documents": ["a"]]

    static let all = telling + tokenizing

    private static let telling: [FieldRoute] = [
        .init(path: "/v1/chat/completions", body: talk), .init(path: "/v2/chat/completions", body: talk),
        .init(path: "/v1/completions", body: ["model": "fake", "prompt": "Hi"], own: ["logprobs": 1, "echo": true]),
        .init(path: "/v1/responses", body: answered, own: said),
        .init(path: "/v1/responses/input_tokens", body: answered, own: said),
        .init(path: "/v1/messages", body: ["model": "fake", "max_tokens": 5, "messages": turns], own: asked),
        .init(path: "/v1/messages/count_tokens", body: talk, own: asked),
        .init(path: "/api/chat", body: talk, own: ["logprobs": false]),
        .init(path: "/api/generate", body: ["model": "fake", "prompt": "Hi"], own: ["logprobs": false]),
        .init(path: "/api/embed", body: ["model": "vectors", "input": "Hi"]),
        .init(path: "/api/embeddings", body: ["model": "vectors", "prompt": "Hi"]),
        .init(path: "/v1/embeddings", body: ["model": "vectors", "input": "Hi"]),
        .init(path: "/v2/embeddings", body: ["model": "vectors", "input": "Hi"]),
        .init(path: "/v1/rerank", body: ranked), .init(path: "/v2/rerank", body: ranked),
        .init(path: "/rerank", body: ranked),
    ]

    private static let tokenizing: [FieldRoute] = [
        .init(
            path: "/tokenize",
            body: ["model": "fake", "prompt": "Hi"],
            tried: [
                "model", "prompt", "add_special_tokens", "parse_special", "with_pieces", "return_token_strs",
                "chat_template",
            ]
        ),
        .init(path: "/tokenize", body: ["model": "fake", "content": "Hi"], tried: ["content", "add_special"]),
        .init(
            path: "/tokenize",
            body: talk,
            tried: [
                "messages", "tools", "tool_choice", "add_generation_prompt", "continue_final_message",
                "chat_template_kwargs", "reasoning_effort", "enable_thinking", "thinking", "thinking_budget",
            ]
        ),
        .init(path: "/detokenize", body: ["model": "fake", "tokens": [72]]),
    ]
}

extension FieldRoute {
    /// Values that are right wherever the field is known, for a model that thinks and calls functions.
    private static let right: [String: JSON] = [
        "temperature": 0.5, "top_p": 0.5, "top_k": 4, "min_p": 0.1, "repetition_penalty": 1.1, "presence_penalty": 1,
        "frequency_penalty": 1, "logit_bias": ["5": -1], "seed": 7, "stop": "zz", "n": 1, "stream": true,
        "stream_options": [:], "ignore_eos": true, "priority": 1, "user": "u", "metadata": ["user_id": "u"],
        "store": true, "service_tier": "auto", "safety_identifier": "s", "prompt_cache_key": "k",
        "prompt_cache_options": [:], "prompt_cache_retention": "24h", "cache_prompt": true, "verbosity": "low",
        "response_format": ["type": "json_object"], "grammar": "root ::= \"x\"", "json_schema": ["type": "object"],
        "guided_json": ["type": "object"], "guided_regex": "x", "guided_choice": ["x"],
        "guided_grammar": "root ::= \"x\"", "structured_outputs": ["regex": "x"], "guided_decoding_backend": "auto",
        "max_tokens": 5, "max_completion_tokens": 5, "logprobs": true, "top_logprobs": 0, "tools": [tool],
        "tool_choice": "auto", "parallel_tool_calls": true, "chat_template_kwargs": [:], "reasoning_effort": "low",
        "enable_thinking": true, "thinking": ["type": "disabled"], "thinking_budget": 64,
        "prediction": ["type": "content", "content": "x"], "add_generation_prompt": true,
        "continue_final_message": false, "functions": [], "function_call": "none", "modalities": ["text"],
        "echo": false, "penalty_score": 1.5, "web_search": ["enable": false], "suffix": "", "best_of": 1,
        "instructions": "Be", "max_output_tokens": 5, "max_tool_calls": 3, "text": [:], "reasoning": ["effort": "low"],
        "truncation": "auto", "include": [], "background": false, "system": "Be", "stop_sequences": ["zz"],
        "output_config": ["effort": "low"], "inference_geo": "global", "betas": ["x"], "speed": "standard",
        "cache_control": ["type": "ephemeral"], "context_management": ["edits": []], "mcp_servers": [],
        "format": "json", "think": false, "keep_alive": "5m", "truncate": true, "shift": false,
        "options": ["num_ctx": 64], "raw": true, "images": [], "template": "", "context": [], "dimensions": 2,
        "encoding_format": "base64", "top_n": 1, "return_documents": true, "max_tokens_per_doc": 9,
        "add_special_tokens": true,
        "parse_special": true, "with_pieces": true, "return_token_strs": true, "add_special": true,
    ]

    /// Fields for which 7 is right, or at least a number.
    private static let numbers: Set = [
        "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty", "frequency_penalty", "seed",
        "n", "priority", "max_tokens", "max_completion_tokens", "top_logprobs", "thinking_budget", "penalty_score",
        "best_of", "max_output_tokens", "max_tool_calls", "dimensions", "top_n", "logprobs", "keep_alive",
        "max_tokens_per_doc",
    ]

    /// Names of which there is no right value here, or only with something kept.
    static let neverRight: Set = [
        "guided_whitespace_pattern", "structural_tag", "moderation", "audio", "web_search_options", "conversation",
        "prompt", "personality", "container", "chat_template", "previous_response_id",
    ]

    /// A body with the field; nil where no value is right.
    func rightBody(_ field: String) -> OrderedObject? {
        guard body[field] == nil else { return body }
        var body = body
        body[field] = own[field] ?? Self.right[field]
        if field == "stream_options" { body["stream"] = true }
        return body[field] == nil ? nil : body
    }

    func wrongBody(_ field: String) -> OrderedObject {
        var body = body
        body[field] = Self.numbers.contains(field) ? "x" : 7
        return body
    }
}

/// Documentation/Dialects.md: the fields that each route has a line for.
enum DialectTable {
    private static let house = URL(filePath: #filePath).appending(path: "../../../..").standardized

    /// By route, the names before any dot or bracket.
    static let fields = names(/`(\w+)[^`]*`/)
    static let options = names(/`options\.(\w+)`/)

    private static func names(_ pattern: Regex<(Substring, Substring)>) -> [String: Set<String>] {
        let page = (try? String(contentsOf: house.appending(path: "Documentation/Dialects.md"), encoding: .utf8)) ?? ""
        var names: [String: Set<String>] = [:]
        for row in page.split(separator: "\n") where row.hasPrefix("| `POST ") {
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            let path = cells[1].split(separator: "`")[1].dropFirst("POST ".count)
            names[String(path), default: []].formUnion(cells[2].matches(of: pattern).map { String($0.1) })
        }
        return names
    }

    /// Every name that the server's sources have in quotes, and every one of the table.
    static let candidates: [String] = {
        let sources = house.appending(path: "Sources/Server")
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: sources.path)) ?? []
        var found = fields.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        for path in paths where path.hasSuffix(".swift") {
            let text = (try? String(contentsOf: sources.appending(path: path), encoding: .utf8)) ?? ""
            found.formUnion(text.matches(of: /"([a-z][a-z0-9_]*)"/).map { String($0.1) })
        }
        return found.sorted()
    }()
}

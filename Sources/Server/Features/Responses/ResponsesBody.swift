import Inference
import Text

/// The fields of `POST /v1/responses` beyond the conversation.
enum ResponsesBody {
    static let refusals = Refusals(
        [
            .init("conversation", "there are no stored conversations; send 'previous_response_id' or the whole input"),
            .init("prompt", "there are no stored prompts; send 'input'"),
            .init("context_management", "'truncation': 'auto' is the one way to shorten the input") { $0 == [] },
            .init("moderation", "this server does not moderate yet"),
            .init("personality", "this server has none; say so in 'instructions'"),
        ],
        known: OpenAIFields.names.union(Refusals.administrative).union([
            "input", "instructions", "max_output_tokens", "max_tool_calls", "parallel_tool_calls", "tools",
            "tool_choice", "text", "reasoning", "truncation", "include", "previous_response_id", "background",
            "top_logprobs", "thinking_budget",
        ]),
        within: Members.responses
    )

    /// Names of what may be included. Most are about tools that are not here, so there is nothing of them to include.
    static let includes = [
        "message.output_text.logprobs", "reasoning.encrypted_content", "message.input_image.image_url",
        "file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
        "computer_call_output.output.image_url", "code_interpreter_call.outputs",
    ]

    private static func asks(for name: String, _ body: JSONField) throws -> Bool {
        let asked = try body["include"].optional?.elements.map { try OpenAIFields.word(of: includes, $0) } ?? []
        return asked.contains(name)
    }

    /// Whether thoughts are to come closed as well, so that a client can send them back and nobody can change them.
    static func wantsClosedThoughts(_ body: JSONField) throws -> Bool { try asks(for: includes[1], body) }

    /// How many alternatives to tell beside each token's likelihood; nil tells neither.
    static func topLogprobs(_ body: JSONField) throws -> Int? {
        let isWanted = try asks(for: includes[0], body)
        let top = try body["top_logprobs"].optional?.integer(in: 0...20) ?? 0
        guard isWanted || top == 0 else {
            throw APIError.invalid("top_logprobs", "'top_logprobs' needs 'include': ['\(includes[0])'].")
        }
        return isWanted ? top : nil
    }

    /// Whether a summary of the thoughts is asked for.
    ///
    /// There is nobody to summarise them: they are told whole, so a concise one is refused.
    static func wantsSummary(_ body: JSONField) throws -> Bool {
        guard let reasoning = body["reasoning"].optional else { return false }
        for name in try reasoning.object.keys where !["effort", "summary", "generate_summary"].contains(name) {
            let field = reasoning[name]
            guard let value = field.optional?.value, value != "auto" else { continue }
            throw APIError.unsupported(
                field.path,
                "'\(field.path.prefix(120))' is not supported: there is one way to think."
            )
        }
        var isWanted = false
        for name in ["summary", "generate_summary"] {
            let field = reasoning[name]
            guard let word = try OpenAIFields.one(of: ["auto", "concise", "detailed"], field) else { continue }
            guard word != "concise" else {
                throw APIError.unsupported(
                    field.path,
                    "'\(field.path)' is not supported as 'concise': thoughts are told whole. Send 'auto' or 'detailed'."
                )
            }
            isWanted = true
        }
        return isWanted
    }

    /// Checks what is neither read elsewhere nor changes the answer.
    static func check(_ body: JSONField) throws {
        try OpenAIFields.checkNotes(body)
        _ = try body["max_tool_calls"].optional?.integer(in: 1...Int(Int32.max))
        try OpenAIFields.one(of: ["auto", "disabled"], body["truncation"])
        if let text = body["text"].optional {
            _ = try text.object
            try OpenAIFields.one(of: ["low", "medium", "high"], text["verbosity"])
        }
        guard let options = body["stream_options"].optional else { return }
        _ = try options.object
        guard try body["stream"].optional?.bool ?? false else {
            throw APIError.invalid("stream_options", "'stream_options' needs 'stream': true.")
        }
        _ = try options["include_obfuscation"].optional?.bool
    }
}

// MARK: What the response says again

extension ResponsesBody {
    static func echo(_ body: JSONField, _ order: Order, isStored: Bool) throws -> OrderedObject {
        let standard: OrderedObject = [
            "instructions": .null, "max_output_tokens": .null, "max_tool_calls": .null, "metadata": [:],
            "parallel_tool_calls": true, "previous_response_id": .null, "background": false, "truncation": "disabled",
            "top_logprobs": 0, "tool_choice": "auto",
        ]
        var asked = OrderedObject(standard.map { ($0, body[$0].optional?.value ?? $1) })
        (asked["temperature"], asked["top_p"]) = (number(order.sampling.temperature), number(order.sampling.topP))
        asked["tools"] = .array(try body["tools"].optional?.elements.map(tool) ?? [])
        asked["text"] = text(body["text"])
        let reasoning = body["reasoning"]
        let summary = reasoning["summary"].optional ?? reasoning["generate_summary"]
        asked["reasoning"] = ["effort": reasoning["effort"].value ?? .null, "summary": summary.value ?? .null]
        asked["store"] = .bool(isStored)
        asked["service_tier"] = "default"
        for name in ["user", "safety_identifier", "prompt_cache_key"] {
            if let value = body[name].optional?.value { asked[name] = value }
        }
        return asked
    }

    /// A float as people write it.
    private static func number(_ value: Float) -> JSON { .number(Double(value.description) ?? Double(value)) }

    /// A tool with what it means where it does not say: here it is strict only if it says so, since many could not be.
    private static func tool(_ field: JSONField) -> JSON {
        guard var tool = field.value?.object else { return .null }
        tool["strict"] = field["strict"].optional?.value ?? false
        tool["parameters"] = field["parameters"].optional?.value ?? .null
        return .object(tool)
    }

    private static func text(_ field: JSONField) -> JSON {
        var text: OrderedObject = ["format": field["format"].optional?.value ?? ["type": "text"]]
        text["verbosity"] = field["verbosity"].optional?.value
        return .object(text)
    }
}

extension Members {
    /// What OpenAI's chat and completions have within their fields; messages are handed on to the template as they are.
    static let openAI: [String: Members] = [
        "stream_options": .having(["include_usage", "include_obfuscation"]),
        "response_format": .typed(forms.merging(["json_schema": named]) { $1 }),
        "tools": tools,
        "tool_choice": toolChoice,
        "thinking": .having(["type", "budget_tokens"]),
        "prediction": .having(["type"], ["content": .each(.having(["type", "text"]))]),
    ]

    /// The same of the Responses API, which has less around a schema and a function.
    static let responses: [String: Members] = [
        "stream_options": .having(["include_obfuscation"]),
        "text": .having(["verbosity"], ["format": .typed(forms.merging(["json_schema": flat]) { $1 })]),
        "tools": .each(.having(["type"] + function)),
        "tool_choice": toolChoice,
        "input": .each(.typed(items, standard: "message")),
    ]

    private static let items: [String: Members] = [
        "message": .having(["type", "id", "role", "status", "phase"], ["content": parts]),
        "function_call": .having(call + ["name", "arguments", "namespace"]),
        "function_call_output": .having(call, ["output": parts]),
        "reasoning": .having(
            ["type", "id", "encrypted_content", "status"],
            ["summary": thoughts, "content": thoughts]
        ),
        "item_reference": .having(["type", "id"]),
    ]
    private static let call = ["type", "id", "call_id", "status", "caller", "created_by"]
    private static let thoughts = Members.each(.having(["type", "text"]))

    private static let parts = Members.each(
        .typed(["input_text": said, "output_text": said, "text": said, "refusal": .having(["type", "refusal"])])
    )
    private static let said = Members.having(["type", "text", "annotations", "logprobs"])

    /// Functions, as all but the Responses API and Anthropic describe them.
    static let tools = Members.each(.having(["type"], ["function": .having(function)]))

    private static let function = ["name", "description", "parameters", "strict"]

    private static let forms: [String: Members] = [
        "text": .having(["type"]), "json_object": .having(["type", "schema"]),
    ]
    private static let named = Members.having(["type"], ["json_schema": .having(schema)])
    private static let flat = Members.having(["type"] + schema)
    private static let schema = ["name", "description", "strict", "schema"]

    private static let toolChoice = Members.typed([
        "function": choice,
        "allowed_tools": .having(["type", "mode"], ["tools": .each(choice), "allowed_tools": allowed]),
    ])
    private static let choice = Members.having(["type", "name"], ["function": .having(["name"])])
    private static let allowed = Members.having(["mode"], ["tools": .each(choice)])
}

extension Members {
    /// What Anthropic's API has within its fields.
    static let anthropic: [String: Members] = [
        "messages": .each(.having(["role"], ["content": blocks])),
        "system": .each(.typed(texts)),
        "tools": .each(cacheable(["type", "name", "description", "input_schema", "strict"])),
        "tool_choice": .having(["type", "name", "disable_parallel_tool_use"]),
        "thinking": .having(["type", "budget_tokens", "display"]),
        "output_config": .having(["effort"], ["format": form]),
        "output_format": form,
        "cache_control": cache,
    ]

    private static let form = Members.having(["type", "schema"])
    private static let cache = Members.having(["type", "ttl"])

    private static func cacheable(_ names: [String], _ inner: [String: Members] = [:]) -> Members {
        .having(names, inner.merging(["cache_control": cache]) { $1 })
    }

    private static let text = cacheable(["type", "text", "citations"])
    private static let plain = Members.each(.typed(["text": text]))

    /// Blocks that are texts in the end.
    private static let texts: [String: Members] = [
        "text": text,
        "document": cacheable(
            ["type", "title", "context"],
            ["source": .having(["type", "media_type", "data"], ["content": plain]), "citations": cited]
        ),
        "search_result": cacheable(["type", "source", "title"], ["content": plain, "citations": cited]),
    ]
    private static let cited = Members.having(["enabled"])

    private static let blocks = Members.each(.typed(texts.merging(turns) { $1 }))

    /// Those that only turns have.
    private static let turns: [String: Members] = [
        "thinking": .having(["type", "thinking", "signature"]),
        "redacted_thinking": .having(["type", "data"]),
        "tool_use": cacheable(["type", "id", "name", "input"]),
        "tool_result": cacheable(["type", "tool_use_id", "is_error"], ["content": .each(.typed(texts))]),
        "server_tool_use": cacheable(["type", "id", "name"], ["input": .having(["query"])]),
        "web_search_tool_result": cacheable(["type", "tool_use_id"], ["content": found]),
    ]
    private static let found = Members.each(.having(["type", "url", "title", "encrypted_content", "page_age"]))
}

import Text

/// Blocks of an assistant's turn that tell of a search of the web, which Anthropic's server made: to the model they are texts, of
/// what was asked and what was found.
enum AnthropicSearch {
    /// - Parameter block: of type `server_tool_use`.
    static func question(_ block: JSONField) throws -> String {
        try AnthropicNotes.checkCache(block)
        _ = try block["id"].string
        let name = block["name"], tool = try name.string
        guard tool == "web_search" else {
            throw APIError.unsupported(
                name.path,
                "'\(name.path)' is '\(tool.prefix(80))': of what Anthropic's server did, only 'web_search' is read here."
            )
        }
        _ = try block["input"].object
        let query = block["input"]["query"]
        _ = try query.string
        return try AnthropicBlock.tagged("web_search", [("query", query)])
    }

    /// - Parameter block: of type `web_search_tool_result`.
    static func answer(_ block: JSONField) throws -> String {
        try AnthropicNotes.checkCache(block)
        _ = try block["tool_use_id"].string
        let content = block["content"], name = "web_search_results"
        guard content.value?.object == nil else {
            return try AnthropicBlock.tagged(name, [], "Error: " + failure(content))
        }
        guard content.value?.array != nil else { throw content.unexpected("an array of results, or an error") }
        let results = try content.elements.map { try result($0) }
        return try AnthropicBlock.tagged(name, [], results.isEmpty ? nil : results.joined(separator: "\n"))
    }

    private static func failure(_ field: JSONField) throws -> String {
        let type = field["type"]
        guard try type.string == "web_search_tool_result_error" else {
            throw type.unexpected("'web_search_tool_result_error'")
        }
        return try field["error_code"].string
    }

    /// What the page says is closed, for their server alone to read.
    private static func result(_ field: JSONField) throws -> String {
        guard try field["type"].string == "web_search_result" else {
            throw field["type"].unexpected("'web_search_result'")
        }
        for name in ["encrypted_content", "page_age"] { _ = try field[name].optional?.string }
        let heads = [("title", field["title"]), ("url", field["url"])]
        for (_, head) in heads { _ = try head.string }
        return try AnthropicBlock.tagged("web_search_result", heads)
    }
}

import Text

/// Fields of Anthropic's API that change nothing about the answer, and still mean something to who sends them: of a wrong kind,
/// they are refused.
enum AnthropicNotes {
    static func check(_ body: JSONField) throws {
        if let metadata = body["metadata"].optional {
            let known = ["user_id"], names = try metadata.object.keys
            if let odd = names.first(where: { !known.contains($0) }) {
                throw APIError.invalid(
                    metadata[odd].path,
                    "'\(metadata[odd].path.prefix(120))' is not known: 'metadata' has 'user_id' alone.",
                    code: "invalid_value"
                )
            }
            _ = try metadata["user_id"].optional?.string
        }
        try OpenAIFields.one(of: ["auto", "standard_only"], body["service_tier"])
        try OpenAIFields.one(of: ["standard", "fast"], body["speed"])
        _ = try body["inference_geo"].optional?.string
        _ = try body["betas"].optional?.elements.map { try $0.string }
        try checkCache(body)
    }

    /// Prefixes are cached without being asked for.
    ///
    /// - Parameter field: what may have a `cache_control`.
    static func checkCache(_ field: JSONField) throws {
        guard let control = field["cache_control"].optional else { return }
        _ = try control.object
        guard try control["type"].string == "ephemeral" else { throw control["type"].unexpected("'ephemeral'") }
        try OpenAIFields.one(of: ["5m", "1h"], control["ttl"])
    }
}

import Text

/// What a request says of the model's thoughts, and in which fields.
struct AskedThinking: Sendable {
    /// Nil: as the model does by itself.
    var isOn: Bool?
    /// How hard it is to think, in the template's words.
    var effort: String?
    /// The most tokens of thoughts.
    var budget: Int?
    /// The field that asks for thoughts; nil where none does.
    var field: String?

    /// What templates know it by.
    var variables: [String: JSON] {
        var variables: [String: JSON] = [:]
        if let effort { variables["reasoning_effort"] = .string(effort) }
        if let isOn { variables["enable_thinking"] = .bool(isOn) }
        return variables
    }

    /// Throws where thoughts are asked of a model that has none, as OpenAI, Anthropic and Ollama do: it would answer as if nothing
    /// had been asked.
    func require(of card: ModelCard) throws(APIError) {
        guard let field, !card.thinks else { return }
        throw .unsupported(
            field,
            "'\(field)' is not supported: \"\(card.name)\" does not support thinking. Leave it out, or ask a model that thinks."
        )
    }
}

extension ModelCard {
    /// Whether it thinks before it answers, or its template reads how hard it is to.
    var thinks: Bool {
        thoughts != nil
            || ["enable_thinking", "reasoning_effort"].contains { chatTemplate?.contains($0) ?? false }
    }
}

// MARK: In the words of OpenAI, and of Qwen's and Qianfan's servers

extension AskedThinking {
    static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

    private typealias Switch = (field: String, isOn: Bool)

    /// - Parameter body: of a chat.
    init(openAI body: JSONField) throws {
        effort = try OpenAIFields.one(of: Self.efforts, body["reasoning_effort"])
        let switches = try Self.switches(body), asked = switches.first
        if let asked, let other = switches.first(where: { $0.isOn != asked.isOn }) {
            func word(_ isOn: Bool) -> String { isOn ? "on" : "off" }
            throw APIError.invalid(
                other.field,
                "'\(asked.field)' turns thinking \(word(asked.isOn)), '\(other.field)' \(word(other.isOn)); send one.",
                code: "invalid_value"
            )
        }
        isOn = asked?.isOn
        let limit = try Self.budget(body)
        if let asked, !asked.isOn { try requireSilence(asked.field, effort: "reasoning_effort", limit) }
        guard isOn != false else { return }
        budget = limit?.tokens
        field = asked?.field ?? effort.map { _ in "reasoning_effort" }
        if field == nil, let limit, limit.tokens > 0 { field = limit.field }
    }

    /// Throws where thoughts are off by one field, and another says how hard or how long to think.
    func requireSilence(
        _ field: String,
        effort effortField: String,
        _ limit: (field: String, tokens: Int)?
    ) throws(APIError) {
        let isHard = effort.map { $0 != "none" } ?? false, isLong = limit.map { $0.tokens > 0 } ?? false
        guard let other = isHard ? effortField : isLong ? limit?.field : nil else { return }
        throw .invalid(
            other,
            "'\(field)' turns thinking off, but '\(other)' asks for thoughts; send one.",
            code: "invalid_value"
        )
    }

    /// The fields that turn it on or off.
    private static func switches(_ body: JSONField) throws -> [Switch] {
        var switches: [Switch] = []
        if let isOn = try body["enable_thinking"].optional?.bool { switches.append(("enable_thinking", isOn)) }
        if let thinking = body["thinking"].optional {
            _ = try thinking.object
            let type = thinking["type"], word = try type.string
            try OpenAIFields.one(of: ["enabled", "disabled", "auto", "adaptive"], type)
            if ["enabled", "disabled"].contains(word) { switches.append((type.path, word == "enabled")) }
        }
        let variable = body["chat_template_kwargs"]["enable_thinking"]
        if let isOn = variable.value?.bool { switches.append((variable.path, isOn)) }
        if body["reasoning_effort"].value == "none" { switches.append(("reasoning_effort", false)) }
        return switches
    }

    private static func budget(_ body: JSONField) throws -> (field: String, tokens: Int)? {
        let budgets = try [body["thinking_budget"], body["thinking"]["budget_tokens"]].compactMap(\.optional).map {
            (field: $0.path, tokens: try $0.integer(in: 0...Int(Int32.max)))
        }
        guard let first = budgets.first, let other = budgets.last, first.tokens == other.tokens else {
            guard let first = budgets.first else { return nil }
            throw APIError.invalid(
                first.field,
                "'thinking_budget' and 'thinking.budget_tokens' are different; send one.",
                code: "invalid_value"
            )
        }
        return first
    }
}

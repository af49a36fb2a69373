import Text

/// What the names in a row mean.
public enum DataLayout: Sendable, Hashable {
    /// Each row by the names that it has.
    case automatic
    /// A document in this column.
    case text(column: String = "text")
    /// OpenAI's chat: `messages`, `tools`; `weight` 0 or 1 on what the assistant says.
    case messages
    /// `prompt` and `completion`, texts: a question and its answer.
    case promptCompletion
    /// `instruction`, `input`, `output`, `system`, `history` (Taori et al. 2023, and LLaMA-Factory).
    case alpaca
    /// `conversations` of `from` and `value`, `system`, `tools`.
    case shareGPT
    /// `input.messages`, `preferred_output`, `non_preferred_output`.
    case openAIPreference
    /// `prompt`, `chosen`, `rejected`, each a text or messages.
    case promptPreference
    /// Alpaca's `instruction`, `input`, `system`, `history`, with `chosen` and `rejected`.
    case alpacaPreference
    /// ShareGPT's `conversations`, with `chosen` and `rejected`.
    case shareGPTPreference

    private static let named: [(String, Self)] = [
        ("automatic", .automatic), ("text", .text()), ("messages", .messages),
        ("prompt-completion", .promptCompletion), ("alpaca", .alpaca), ("sharegpt", .shareGPT),
        ("openai-preference", .openAIPreference), ("prompt-preference", .promptPreference),
        ("alpaca-preference", .alpacaPreference), ("sharegpt-preference", .shareGPTPreference),
    ]

    /// The names that a configuration may use; `text:COLUMN` names a column too.
    public static let names = named.map(\.0)

    public init?(name: String) {
        if name.hasPrefix("text:"), name.utf8.count > 5 {
            self = .text(column: String(name.dropFirst(5)))
        } else {
            guard let layout = Self.named.first(where: { $0.0 == name })?.1 else { return nil }
            self = layout
        }
    }

    public var name: String {
        if case .text(let column) = self, column != "text" { return "text:\(column)" }
        return Self.named.first { $0.1 == self }?.0 ?? ""
    }
}

extension DataLayout {
    /// What a row says.
    func example(_ row: JSON) throws -> Example {
        let field = JSONField(row)
        switch self {
        case .automatic: return try Self.recognised(row).example(row)
        case .text(let column): return try document(row, column)
        case .messages: return .conversation(try ChatLayout().example(field))
        case .promptCompletion: return .conversation(try PromptLayout().example(field))
        case .alpaca: return .conversation(try AlpacaLayout().example(field))
        case .shareGPT: return .conversation(try ShareGPTLayout().example(field))
        case .openAIPreference: return .preference(try ChatLayout().preference(field))
        case .promptPreference: return .preference(try PromptLayout().preference(field))
        case .alpacaPreference: return .preference(try AlpacaLayout().preference(field))
        case .shareGPTPreference: return .preference(try ShareGPTLayout().preference(field))
        }
    }

    private func document(_ row: JSON, _ column: String) throws -> Example {
        let text = try row.string ?? JSONField(row)[column].string
        guard !text.isEmpty else { throw RowProblem("the document is empty") }
        return .text(text)
    }

    /// The layout that has the names of this row.
    private static func recognised(_ row: JSON) throws(RowProblem) -> DataLayout {
        if row.string != nil { return .text() }
        guard let object = row.object else { throw RowProblem("the row is \(row.kind), not an object") }
        func has(_ names: String...) -> Bool { names.allSatisfy { object[$0].map { !$0.isNull } ?? false } }
        if has("input", "preferred_output") { return .openAIPreference }
        if has("chosen", "rejected") {
            if has("conversations") { return .shareGPTPreference }
            if has("instruction") { return .alpacaPreference }
            if has("prompt") { return .promptPreference }
        }
        if has("messages") { return .messages }
        if has("conversations") { return .shareGPT }
        if has("prompt", "completion") { return .promptCompletion }
        if has("instruction", "output") { return .alpaca }
        if has("text") { return .text() }
        let keys = object.keys.prefix(8).joined(separator: ", ")
        throw RowProblem("its names (\(keys)) are of no known layout; name one of: \(names.joined(separator: ", "))")
    }
}

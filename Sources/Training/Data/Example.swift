public import Text

/// What one row of a file teaches.
public enum Example: Sendable, Hashable {
    /// A document; all of it is learnt.
    case text(String)
    /// A conversation; what the assistant says is learnt.
    case conversation(ChatExample)
    /// Two answers to one conversation, of which the first is better.
    case preference(PreferenceExample)

    /// Which of the three; a dataset holds one kind.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case text, conversation, preference
    }

    public var kind: Kind {
        switch self {
        case .text: .text
        case .conversation: .conversation
        case .preference: .preference
        }
    }
}

/// A conversation to learn from, as a server would be asked it.
public struct ChatExample: Sendable, Hashable {
    public var messages: [Message]
    public var tools: [Tool]
    /// The places of assistant messages that are shown but not learnt: those of weight 0.
    public var unlearnt: Set<Int>
    /// More variables for the template, such as `enable_thinking`.
    public var extra: [String: JSON]

    public init(_ messages: [Message], tools: [Tool] = [], unlearnt: Set<Int> = [], extra: [String: JSON] = [:]) {
        (self.messages, self.tools, self.unlearnt, self.extra) = (messages, tools, unlearnt, extra)
    }
}

/// Two continuations of one conversation.
public struct PreferenceExample: Sendable, Hashable {
    public var prompt: ChatExample
    public var chosen, rejected: [Message]

    public init(_ prompt: ChatExample, chosen: [Message], rejected: [Message]) {
        (self.prompt, self.chosen, self.rejected) = (prompt, chosen, rejected)
    }
}

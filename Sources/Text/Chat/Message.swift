/// One turn of a conversation, as OpenAI's chat API has it.
public struct Message: Sendable, Hashable {
    public var role: Role
    /// Nil where an assistant only called tools.
    public var content: Content?
    public var toolCalls: [ToolCall] = []
    /// In a tool's answer, the call that it answers.
    public var toolCallID: String?
    public var name: String?
    /// What a model thought before it answered.
    public var reasoning: String?
    /// Whatever else the message carries; templates see it.
    public var extra = OrderedObject()

    public init(_ role: Role, _ content: Content?, toolCalls: [ToolCall] = [], toolCallID: String? = nil) {
        self.role = role
        self.content = content
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
    }

    public static func system(_ content: Content) -> Self { Self(.system, content) }
    public static func user(_ content: Content) -> Self { Self(.user, content) }
    public static func assistant(_ content: Content) -> Self { Self(.assistant, content) }

    /// Who speaks. A template may know more roles than these.
    public struct Role: RawRepresentable, Sendable, Hashable, ExpressibleByStringLiteral {
        public var rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { rawValue = value }

        public static let system: Self = "system"
        public static let developer: Self = "developer"
        public static let user: Self = "user"
        public static let assistant: Self = "assistant"
        public static let tool: Self = "tool"
    }

    public enum Content: Sendable, Hashable, ExpressibleByStringInterpolation {
        case text(String)
        /// Objects with a `type`, such as `{"type": "text", "text": "…"}`.
        case parts([JSON])

        public init(stringLiteral value: String) { self = .text(value) }

        /// The text of it all; parts of other types have none.
        public var text: String {
            switch self {
            case .text(let text): text
            case .parts(let parts): parts.compactMap { $0["text"]?.string }.joined(separator: "\n")
            }
        }
    }

    /// A function that an assistant asked to be called.
    public struct ToolCall: Sendable, Hashable {
        public var id: String?
        public var name: String
        /// An object, or the text of one as the wire has it.
        public var arguments: JSON

        public init(id: String? = nil, name: String, arguments: JSON) {
            self.id = id
            self.name = name
            self.arguments = arguments
        }
    }
}

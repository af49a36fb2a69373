public import Foundation

/// Turns a conversation into the text that a model was trained on.
///
/// The template comes with the model's file. It sees what Hugging Face's `apply_chat_template` shows it: `messages`,
/// `tools`, `documents`, `add_generation_prompt`, `bos_token`, `eos_token` and whatever `extra` names. The text holds its
/// own special tokens, so it is encoded without adding any.
public struct ChatTemplate: Sendable {
    public let source: String
    public let bosToken, eosToken: String
    /// What the template makes use of, found by trying it on small conversations.
    public let supports: Support
    /// How the assistant's calls are written.
    public let calls: CallForm
    /// How tools are told, and calls and results where need be, that the template does not know; nil where it knows them, or
    /// gets the messages as they are.
    public var genericTools: GenericTools?
    /// How its thoughts are marked; nil if it has none.
    public let thoughts: ThoughtForm?
    /// What `strftime_now` shows.
    public var clock: @Sendable () -> Date = { Date() }

    private let template: Template
    private let form: TemplateForm

    public init(_ source: String, bosToken: String = "", eosToken: String = "") throws {
        self.source = source
        self.bosToken = bosToken
        self.eosToken = eosToken
        template = try Template(source)
        let probe = TemplateProbe(template: template, bosToken: bosToken, eosToken: eosToken)
        form = probe.form()
        supports = probe.support(form)
        let isHarmony = source.contains(ThoughtForm.harmony.open)
        let shown: CallForm? = isHarmony && supports.toolCalls ? .harmony : probe.calls(form)
        // A form with a notation of its own could not be explained to a model in a line.
        let showsCalls = supports.toolResults && (supports.tools ? shown != nil : shown?.arguments == .json)
        calls = showsCalls ? shown ?? .hermes : .hermes
        if !(showsCalls && supports.tools) {
            genericTools = GenericTools(calls: calls, showsCalls: showsCalls, hasSystemRole: supports.systemRole)
        }
        thoughts = isHarmony ? .harmony : ThoughtForm.known.first { source.contains($0.close) }
    }

    /// - Parameters:
    ///   - tools: descriptions of functions, each as OpenAI's chat API has it.
    ///   - addGenerationPrompt: whether the text ends where the assistant is to begin.
    ///   - extra: further variables, such as `enable_thinking`; they win over the standard ones.
    /// - Throws: ``TemplateError``; of kind `refused` when the template itself rejects the conversation.
    public func render(
        _ messages: [Message],
        tools: [JSON] = [],
        addGenerationPrompt: Bool = true,
        extra: [String: JSON] = [:]
    ) throws -> String {
        let tools = tools.map(\.toldTool), shown = genericTools?.messages(messages, tools: tools) ?? messages
        var variables = template.variables(
            shown.map { .object($0.members(form)) },
            tools: genericTools == nil ? tools.map { $0.tool(form) } : []
        )
        variables["add_generation_prompt"] = .bool(addGenerationPrompt)
        variables["bos_token"] = .string(bosToken)
        variables["eos_token"] = .string(eosToken)
        for (name, value) in extra { variables[name] = value }
        let now = clock()
        return try template.render(variables, now: now, offset: TimeZone.current.secondsFromGMT(for: now))
    }

    /// What a template makes use of.
    public struct Support: Sendable, Hashable {
        public var systemRole: Bool
        public var tools: Bool
        public var toolCalls: Bool
        /// Whether it shows what a tool gave back to a call.
        public var toolResults: Bool
        /// Whether it walks the parts of a content itself; otherwise they are joined to one text.
        public var contentParts: Bool
        public var generationPrompt: Bool
        /// Whether `enable_thinking` makes a difference.
        public var thinkingSwitch: Bool
    }
}

extension Template {
    /// The variables that every chat template finds; `tools` is none rather than an empty list.
    func variables(_ messages: [JSON], tools: [JSON]) -> OrderedObject {
        ["messages": .array(messages), "tools": tools.isEmpty ? .null : .array(tools), "documents": .null]
    }
}

import Foundation

/// Learns by small conversations what a template can do.
struct TemplateProbe {
    let template: Template
    let bosToken, eosToken: String

    private static let tool = Tool(
        name: "probe_tool",
        description: "probe",
        parameters: ["type": "object", "properties": [:]]
    )

    func form() -> TemplateForm {
        var form = TemplateForm()
        form.content = contentForm
        form.fillsContent = fillsContent(form)
        form.fillsDescription = fillsDescription(form)
        // Where no call shows, arguments are an object, as most templates expect them.
        form.parsesArguments = true
        for (parses, flat) in [(true, false), (false, false), (true, true), (false, true)] {
            var candidate = form
            (candidate.parsesArguments, candidate.isFlat) = (parses, flat)
            if shows(callText(candidate)) { return candidate }
        }
        return form
    }

    private func shows(_ text: String?) -> Bool {
        text.map { $0.contains(bytesOf: "\"probe_key\"") && $0.contains(bytesOf: "probe_tool") } ?? false
    }

    /// Whether the template fails on a call that comes without content, or prints Python's word for that.
    private func fillsContent(_ form: TemplateForm) -> Bool {
        [true, false].allSatisfy { parses in
            var form = form
            form.parsesArguments = parses
            do {
                return try render(calling, form).contains(bytesOf: "None")
            } catch {
                return (error as? TemplateError)?.kind != .refused
            }
        }
    }

    /// Whether the template fails on a function that nobody described.
    private func fillsDescription(_ form: TemplateForm) -> Bool {
        let plain = Tool(name: Self.tool.name, parameters: Self.tool.parameters)
        return text([.user("probe text")], form, tools: [plain.json]) == nil
            && text([.user("probe text")], form, tools: [Self.tool.json]) != nil
    }

    func support(_ form: TemplateForm) -> ChatTemplate.Support {
        let user = Message.user("probe text")
        let plain = text([user], form)
        return ChatTemplate.Support(
            systemRole: text([.system("probe system"), user], form)?.contains(bytesOf: "probe system") ?? false,
            tools: text([user], form, tools: [Self.tool.json])?.contains(bytesOf: "probe_tool") ?? false,
            toolCalls: callText(form)?.contains(bytesOf: "probe_tool") ?? false,
            toolResults: callText(form)?.contains(bytesOf: "probe answer") ?? false,
            contentParts: form.content != .text,
            generationPrompt: plain != text([user], form, variables: ["add_generation_prompt": false]),
            thinkingSwitch: text([user], form, variables: ["enable_thinking": true])
                != text([user], form, variables: ["enable_thinking": false])
        )
    }

    /// How calls are written.
    func calls(_ form: TemplateForm) -> CallForm? {
        let prompt = text([.user("probe text")], form) ?? ""
        return CallProbe(render: { text($0, form, variables: ["add_generation_prompt": false]) }, prompt: prompt).form()
    }

    /// Text is printed as it is, parts only where the template walks them: otherwise it prints their punctuation.
    private var contentForm: TemplateForm.Content {
        let parts = Message.Content.parts([["type": "text", "text": "probe text"]])
        let walked = text([.user(parts)], TemplateForm()).map {
            $0.contains(bytesOf: "probe text") && !$0.contains(bytesOf: "'type'") && !$0.contains(bytesOf: "\"type\"")
        }
        let printed = text([.user("probe text")], TemplateForm())?.contains(bytesOf: "probe text") ?? false
        guard walked ?? false else { return .text }
        return printed ? .either : .parts
    }

    private var calling: [Message] {
        let call = Message.ToolCall(id: "call00001", name: "probe_tool", arguments: ["probe_key": "probe_value"])
        let answer = Message(.tool, "probe answer", toolCallID: "call00001")
        return [.user("probe text"), Message(.assistant, nil, toolCalls: [call]), answer]
    }

    private func callText(_ form: TemplateForm) -> String? { text(calling, form) }

    private func text(
        _ messages: [Message],
        _ form: TemplateForm,
        tools: [JSON] = [],
        variables: OrderedObject = [:]
    ) -> String? {
        try? render(messages, form, tools: tools, variables: variables)
    }

    private func render(
        _ messages: [Message],
        _ form: TemplateForm,
        tools: [JSON] = [],
        variables: OrderedObject = [:]
    ) throws -> String {
        var all = template.variables(messages.map { .object($0.members(form)) }, tools: tools)
        all["add_generation_prompt"] = true
        all["bos_token"] = .string(bosToken)
        all["eos_token"] = .string(eosToken)
        for (name, value) in variables { all[name] = value }
        return try template.render(all, now: Date(timeIntervalSince1970: 0))
    }
}

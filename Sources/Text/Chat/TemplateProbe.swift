import Foundation

/// Learns by small conversations what a template can do.
struct TemplateProbe {
    let template: Template
    let bosToken, eosToken: String

    func form() -> TemplateForm {
        var form = TemplateForm()
        form.content = contentForm
        let calls = [(true, false), (false, false), (true, true), (false, true)]
        for (parses, flat) in calls {
            form.parsesArguments = parses
            form.isFlat = flat
            if let text = callText(form), text.contains(bytesOf: "\"probe_key\""), text.contains(bytesOf: "probe_tool") {
                form.fillsContent = text.contains(bytesOf: "None")
                return form
            }
            form.fillsContent = true
            if let text = callText(form), text.contains(bytesOf: "\"probe_key\""), text.contains(bytesOf: "probe_tool") {
                return form
            }
            form.fillsContent = false
        }
        // It shows no calls, or writes them in a way of its own; arguments as an object are what most expect.
        form.parsesArguments = true
        form.isFlat = false
        return form
    }

    func support(_ form: TemplateForm) -> ChatTemplate.Support {
        let user = Message.user("probe text")
        let plain = text([user], form)
        let tool = Tool(name: "probe_tool", description: "probe", parameters: ["type": "object", "properties": [:]])
        return ChatTemplate.Support(
            systemRole: text([.system("probe system"), user], form)?.contains(bytesOf: "probe system") ?? false,
            tools: text([user], form, tools: [tool.json])?.contains(bytesOf: "probe_tool") ?? false,
            toolCalls: callText(form)?.contains(bytesOf: "probe_tool") ?? false,
            contentParts: form.content != .text,
            generationPrompt: plain != text([user], form, variables: ["add_generation_prompt": false]),
            thinkingSwitch: text([user], form, variables: ["enable_thinking": true])
                != text([user], form, variables: ["enable_thinking": false])
        )
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

    private func callText(_ form: TemplateForm) -> String? {
        let call = Message.ToolCall(id: "call00001", name: "probe_tool", arguments: ["probe_key": "probe_value"])
        let answer = Message(.tool, "probe answer", toolCallID: "call00001")
        return text([.user("probe text"), Message(.assistant, nil, toolCalls: [call]), answer], form)
    }

    private func text(
        _ messages: [Message], _ form: TemplateForm, tools: [JSON] = [], variables: OrderedObject = [:]
    ) -> String? {
        var all = template.variables(messages.map { .object($0.members(form)) }, tools: tools)
        all["add_generation_prompt"] = true
        all["bos_token"] = .string(bosToken)
        all["eos_token"] = .string(eosToken)
        for (name, value) in variables { all[name] = value }
        return try? template.render(all, now: Date(timeIntervalSince1970: 0))
    }
}

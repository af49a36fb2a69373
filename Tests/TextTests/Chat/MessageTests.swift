import Testing
import Text

@Suite struct MessageTests {
    static let wire: JSON = [
        "role": "assistant", "content": nil, "reasoning_content": "hm",
        "tool_calls": [
            ["id": "c1", "type": "function", "function": ["name": "f", "arguments": #"{"b": 1, "a": 2}"#]]
        ],
        "weight": 1,
    ]

    @Test func readsTheWireAndWritesItBack() throws {
        let message = try Message(Self.wire)
        #expect(message.role == .assistant && message.content == nil && message.reasoning == "hm")
        #expect(message.toolCalls == [.init(id: "c1", name: "f", arguments: .string(#"{"b": 1, "a": 2}"#))])
        #expect(message.extra == ["weight": 1])
        #expect(message.json == Self.wire)
    }

    /// What a template makes of the message as it is, tools told in words or not.
    private static func shown(_ source: String) throws -> String {
        var template = try ChatTemplate(source)
        template.genericTools = nil
        return try template.render([Message(wire)])
    }

    @Test func givesATemplateTheFormItWants() throws {
        let asObject = "{% for m in messages %}{{ m.tool_calls[0].function.arguments | tojson }}{% endfor %}"
        let asText = "{% for m in messages %}{{ m.tool_calls[0].function.arguments + '' }}{% endfor %}"
        let call = "{% if m.tool_calls %}{{ m.tool_calls[0].function.name }}"
        let flat =
            "{% for m in messages %}{% if m.tool_calls %}{{ m.tool_calls[0].name + (m.tool_calls[0].arguments | tojson) }}{% endif %}{% endfor %}"
        for (body, expected) in [(asObject, #"f{"b": 1, "a": 2}"#), (asText, #"f{"b": 1, "a": 2}"#)] {
            let source = body.replacing("{{ m.tool_calls", with: call + "{{ m.tool_calls").replacing(
                "}}{% endfor",
                with: "}}{% endif %}{% endfor"
            )
            #expect(try Self.shown(source) == expected)
        }
        #expect(try Self.shown(flat) == #"f{"b": 1, "a": 2}"#)
    }

    @Test func givesPartsToATemplateThatTakesNothingElse() throws {
        let source = "{% for m in messages %}{% for p in m.content %}{{ p.text + ';' }}{% endfor %}{% endfor %}"
        let template = try ChatTemplate(source)
        #expect(template.supports.contentParts)
        #expect(try template.render([.user("a"), .user(.parts([["type": "text", "text": "b"]]))]) == "a;b;")
    }
}

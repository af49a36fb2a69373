import Testing
import Text

@Suite struct ChatTemplateTests {
    static let chatML = """
        {% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}\
        {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
        """

    @Test func rendersAConversation() throws {
        let template = try ChatTemplate(Self.chatML)
        let text = try template.render([.system("s"), .user("你好")])
        #expect(text == "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\n你好<|im_end|>\n<|im_start|>assistant\n")
        #expect(template.supports.systemRole && !template.supports.tools && template.supports.generationPrompt)
        #expect(!template.supports.contentParts)
    }

    @Test func joinsPartsForATemplateThatDoesNotWalkThem() throws {
        let parts: [JSON] = [["type": "text", "text": "a"], ["type": "text", "text": "b"]]
        let text = try ChatTemplate(Self.chatML).render([.user(.parts(parts))], addGenerationPrompt: false)
        #expect(text == "<|im_start|>user\na\nb<|im_end|>\n")
    }

    @Test func aRefusalCarriesTheTemplatesWords() throws {
        let template = try ChatTemplate("{{ raise_exception('no ' + messages[0].role) }}")
        let error = try #require(throws: TemplateError.self) { try template.render([.user("hi")]) }
        #expect(error.kind == .refused && error.message == "no user" && error.line == 1)
    }
}

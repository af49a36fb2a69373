import Foundation
import Testing
import Text

/// Conversations rendered by the templates of well-known models, as `apply_chat_template` renders them.
@Suite struct ConversationGoldenTests {
    static let families = ChatGolden.names("chat", ".jinja")

    @Test(arguments: families)
    func rendersLikeTheReference(family: String) throws {
        let golden = try ChatGolden.json("chat/\(family).json")
        let conversations = try #require(try ChatGolden.json("chat/conversations.json").object)
        var template = try ChatTemplate(
            try ChatGolden.text("chat/\(family).jinja"),
            bosToken: golden["bos"]?.string ?? "",
            eosToken: golden["eos"]?.string ?? ""
        )
        template.genericTools = nil
        template.clock = { Date(timeIntervalSince1970: 1_721_995_200) }
        for (name, conversation) in conversations {
            let outcome = Outcome { try render(conversation, by: template) }
            let expected = Outcome(try #require(golden["cases"]?[name]))
            #expect(outcome == expected, "\(family), \(name)")
        }
    }

    private func render(_ conversation: JSON, by template: ChatTemplate) throws -> String {
        var extra: [String: JSON] = [:]
        for (name, value) in conversation["extra"]?.object ?? [:] { extra[name] = value }
        return try template.render(
            try JSONField(conversation)["messages"].elements.map { field in try Message(field) },
            tools: conversation["tools"]?.array ?? [],
            addGenerationPrompt: conversation["prompt"]?.bool ?? true,
            extra: extra
        )
    }
}

import Foundation
package import Hummingbird

/// `GET /v1/models` and `/v1/models/{id}`, with what OpenAI does not tell: the context's length, and whether it can chat.
package struct Models: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.get("v1/models", use: list)
        router.get("v1/models/**", use: show)  // names may hold slashes
    }

    @Sendable func list(_ request: Request, _ context: AppContext) async throws -> Response {
        var cards: [ModelCard] = []
        for name in facilities.models.names {
            if let model = try await facilities.models.model(named: name) { cards.append(model.card) }
        }
        return Response { writer in
            writer.field("object", "list")
            writer.member("data") { writer in
                writer.array(cards) { writer, card in writer.object { Models.write(card, to: &$0) } }
            }
        }
    }

    @Sendable func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let path = context.parameters.getCatchAll().joined(separator: "/")
        let card = try await facilities.models.find(path.removingPercentEncoding ?? path).card
        return Response { Models.write(card, to: &$0) }
    }

    private static func write(_ card: ModelCard, to writer: inout JSONWriter) {
        writer.field("id", card.name)
        writer.field("object", "model")
        writer.field("created", card.created)
        writer.field("owned_by", "yuyan")
        writer.field("context_length", card.contextLength)
        writer.field("max_model_len", card.contextLength)
        writer.field("has_chat_template", card.chatTemplate != nil)
    }
}

package import Hummingbird
import Text

/// Anthropic's API: `POST /v1/messages` and `/v1/messages/count_tokens`.
package struct Anthropic: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v1/messages", use: facilities.answer(in: MessagesExchange.self))
        router.post("v1/messages/count_tokens", use: count)
    }

    @Sendable func count(_ request: Request, _ context: AppContext) async throws -> Response {
        context.notes.refusals = { MessagesExchange.write($0, to: &$1) }
        let body = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let model = try await facilities.talker(try MessagesExchange.modelName(body))
        context.notes.note(model: model.card.name)
        let ignored = try MessagesExchange.refusalsOfCounts.check(body)
        let count = try await facilities.workshop.run {
            let ask = try ChatAsk(anthropic: body)
            try ask.thinking.require(of: model.card)
            return model.vocabulary.encode(try model.prompt(ask.conversation), addSpecial: false, parseSpecial: true)
                .count
        }
        var response = Response { $0.field("input_tokens", count) }
        response.headers.ignored = ignored
        return response
    }
}

import Hummingbird
import Inference
import Text

extension Facilities {
    /// The handler of a route that speaks a dialect: `router.post("v1/chat/completions", use: facilities.answer(in: …))`.
    func answer<D: Dialect>(in dialect: D.Type) -> @Sendable (Request, AppContext) async throws -> Response {
        Endpoint<D>(facilities: self).respond
    }
}

/// The way of every request for text, whatever its dialect: read, prepared, submitted, followed, written.
struct Endpoint<Exchange: Dialect>: Sendable {
    let facilities: Facilities

    @Sendable func respond(_ request: Request, _ context: AppContext) async throws -> Response {
        context.notes.refusals = { Exchange.write($0, to: &$1) }
        let body = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let start = ContinuousClock.now, model = try await facilities.talker(try Exchange.modelName(body))
        let loading = ContinuousClock.now - start
        context.notes.note(model: model.card.name)
        let caller = context.notes.caller
        let (exchange, requests) = try await facilities.workshop.run {
            let exchange = try Exchange(body, to: model, facilities)
            return (exchange, try exchange.order.requests(for: model, by: caller))
        }
        let choices = try Choices(requests, of: model, param: exchange.order.promptField)
        if let keepAlive = exchange.order.keepAlive { facilities.models.keep(model.card.name, for: keepAlive.duration) }
        var response =
            exchange.order.isStreamed
            ? stream(exchange, choices, loading, context) : try await whole(exchange, choices, loading, context)
        response.headers.ignored = exchange.order.ignoredFields
        return response
    }

    /// - Parameter loading: how long the model took to open.
    private func whole(
        _ exchange: Exchange,
        _ choices: Choices,
        _ loading: Duration,
        _ context: AppContext
    ) async throws -> Response {
        var answer = Answer(exchange.order), storyteller = Storyteller(exchange.order, loading: loading)
        try await choices.events(until: context.hangUp, or: facilities.drain.cut) { inbox in
            while let items = try await inbox.next() {
                for case .event(let choice, let event) in items {
                    storyteller.tell(event, of: choice) { answer.add($0) }
                }
                if let failure = storyteller.failure { throw failure }
            }
        }
        answer.add(storyteller.end)
        answer.outcome.report(to: context)
        var writer = JSONWriter()
        exchange.write(answer, to: &writer)
        return Response(json: writer.finish())
    }

    private func stream(
        _ exchange: Exchange,
        _ choices: Choices,
        _ loading: Duration,
        _ context: AppContext
    ) -> Response {
        let interval = facilities.options.pingInterval, cut = facilities.drain.cut
        return Response(
            status: .ok,
            headers: Exchange.framing.headers,
            body: .stream(of: Exchange.self, context, facilities.ledger) { stream in
                var exchange = exchange, storyteller = Storyteller(exchange.order, loading: loading)
                try await choices.events(until: context.hangUp, or: cut, pingEvery: interval) { inbox in
                    while let items = try await inbox.next() {
                        try await stream.send { writer in
                            for item in items { exchange.write(item, by: &storyteller, to: &writer) }
                        }
                        if let failure = storyteller.failure { throw failure }
                    }
                }
                storyteller.outcome.report(to: context)
                try await stream.send { exchange.write(storyteller.end, to: &$0) }
            }
        )
    }
}

extension Dialect {
    fileprivate mutating func write(_ item: Inbox.Item, by storyteller: inout Storyteller, to writer: inout JSONWriter)
    {
        switch item {
        case .ping: Self.framing.ping(&writer)
        case .event(let choice, let event):
            if case .delta(_, let tokens) = event { count(tokens.count) }
            storyteller.tell(event, of: choice) { write($0, to: &writer) }
        }
    }
}

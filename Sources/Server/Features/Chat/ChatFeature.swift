import HTTPTypes
package import Hummingbird
import Inference
import Text

/// `POST /v1/chat/completions`, as OpenAI defines it.
package struct Chat: Feature {
    let facilities: Facilities
    let stamp: @Sendable (String) -> Stamp

    /// - Parameter stamp: marks an answer.
    package init(_ facilities: Facilities, stamp: @escaping @Sendable (String) -> Stamp) {
        (self.facilities, self.stamp) = (facilities, stamp)
    }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v1/chat/completions", use: create)
    }

    @Sendable func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let json = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let model = try await facilities.models.find(json["model"].optional?.string)
        context.notes.note(model: model.card.name)
        let options = facilities.options
        let (body, prompt) = try await facilities.workshop.run {
            let body = try Body(json, model: model, maximumChoices: options.maximumChoices)
            return (body, try model.encode(body.conversation))
        }
        let budget = try ContextBudget(prompt: prompt.count, wanted: body.maxTokens, of: model, param: "messages")
        let requests = (0..<body.fields.choices).map { body.request(prompt, choice: $0, budget) }
        let answer = Answer(
            choices: try Choices(requests, of: model, param: "messages"),
            stamp: stamp("chatcmpl-"),
            model: model,
            body: body
        )
        var response = body.fields.stream ? stream(answer, context) : try await whole(answer, context)
        response.headers.ignored = body.ignored
        return response
    }

    /// One answer in the making.
    struct Answer: Sendable {
        let choices: Choices, stamp: Stamp, model: any GenerativeModel, body: Body
    }
}

// MARK: Whole

extension Chat {
    private func whole(_ answer: Answer, _ context: AppContext) async throws -> Response {
        var reply = Reply(count: answer.choices.count)
        try await answer.choices.events(until: context.hangUp) { inbox in
            while let items = try await inbox.next() {
                for case .event(let choice, let event) in items { try reply.add(event, to: choice) }
            }
        }
        reply.outcome.report(to: context)
        var writer = JSONWriter()
        reply.write(to: &writer, answer)
        return Response(json: writer.finish())
    }
}

// MARK: Streamed

extension Chat {
    private func stream(_ answer: Answer, _ context: AppContext) -> Response {
        let ledger = facilities.ledger, interval = facilities.options.pingInterval
        return Response(
            status: .ok,
            headers: EventStream.headers,
            body: .events(context, ledger) { stream in
                var chunks = Chunks(answer)
                try await answer.choices.events(until: context.hangUp, pingEvery: interval) { inbox in
                    while let items = try await inbox.next() {
                        try await stream.send { chunks.write(items, to: &$0) }
                        if let failure = chunks.failure { throw failure }
                    }
                }
                chunks.outcome.report(to: context)
                try await stream.send { chunks.writeEnd(to: &$0) }
            }
        )
    }
}

import HTTPTypes
package import Hummingbird
import Inference
import NIOCore
import Text

/// `/v1/responses`, as OpenAI defines it: made at once, streamed, or in the background; kept, continued, read again, deleted.
///
/// What is not made in the background ends with its connection, and is not kept unless it came to its end. Any key reads any response.
package struct Responses: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        let responses = router.group("v1/responses")
        responses.post(use: create)
        responses.post("input_tokens", use: count)
        responses.post("compact", use: compact)
        responses.get(":id", use: show)
        responses.delete(":id", use: delete)
        responses.post(":id/cancel", use: cancel)
        responses.get(":id/input_items", use: inputItems)
    }

    @Sendable func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let (body, model) = try await read(request, context, namesModel: true)
        let caller = context.notes.caller, facilities = facilities
        let maker = try await facilities.workshop.run {
            let plan = try ResponsePlan(body, to: model, facilities)
            let requests = try plan.order.requests(for: model, by: caller)
            return ResponseMaker(plan: plan, requests: requests, model: model, facilities: facilities)
        }
        var response = try await answer(maker, context)
        response.headers.ignored = maker.plan.order.ignoredFields
        return response
    }

    private func answer(_ maker: ResponseMaker, _ context: AppContext) async throws -> Response {
        let order = maker.plan.order
        if maker.plan.isBackground {
            let work = try await facilities.background.start(maker, limit: facilities.options.maximumBackground)
            guard !order.isStreamed else { return stream(work, after: 0, context) }
            return Response(json: maker.queued)
        }
        let choices = try Choices(maker.requests, of: maker.model, param: order.promptField)
        return order.isStreamed ? stream(maker, choices, context) : try await whole(maker, choices, context)
    }

    /// - Parameter namesModel: whether the body has to name a model; if not, none is the default one.
    private func read(
        _ request: Request,
        _ context: AppContext,
        namesModel: Bool
    ) async throws -> (JSONField, any GenerativeModel) {
        let body = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let model = try await facilities.talker(try body["model"].optional?.string, namesModel: namesModel)
        context.notes.note(model: model.card.name)
        return (body, model)
    }

    /// How many tokens an input has, before anything is made of it. Here OpenAI's API needs no model's name.
    @Sendable func count(_ request: Request, _ context: AppContext) async throws -> Response {
        let (body, model) = try await read(request, context, namesModel: false), facilities = facilities
        let plan = try await facilities.workshop.run { try ResponsePlan(body, to: model, facilities) }
        var response = Response { writer in
            writer.field("object", "response.input_tokens")
            writer.field("input_tokens", plan.order.promptTokens)
        }
        response.headers.ignored = plan.order.ignoredFields
        return response
    }
}

// MARK: Making

extension Responses {
    /// OpenAI's makes a shorter input of a long one, in a cipher of its own.
    @Sendable func compact(_ request: Request, _ context: AppContext) async throws -> Response {
        throw APIError(
            status: .notImplemented,
            kind: .invalidRequest,
            message:
                "This server compacts nothing: send 'truncation': 'auto' to leave out the oldest turns, or a summary of your own as input.",
            code: "not_supported",
            headers: APIError.inVain
        )
    }

    private static let keep: @Sendable (StoredResponse, KeptResponses, String) throws -> Void = { stored, kept, _ in
        try kept.records.keep(stored, kept.retention)
    }

    private func whole(_ maker: ResponseMaker, _ choices: Choices, _ context: AppContext) async throws -> Response {
        var scribe = maker.plan.scribe
        try await maker.follow(choices, &scribe, until: context.hangUp) { _ in }
        let (_, problem) = await maker.finish(&scribe, then: Self.keep)
        if let problem { context.notes.note(outcome: "not stored: \(problem)") }
        scribe.report(to: context)
        return Response(json: scribe.json.finish())
    }

    private func stream(_ maker: ResponseMaker, _ choices: Choices, _ context: AppContext) -> Response {
        let interval = facilities.options.pingInterval, ledger = facilities.ledger
        let body = ResponseBody { body in
            var stream = AnswerStream(body), scribe = maker.plan.scribe, end = ResponseEnd.told
            do {
                try await stream.send { scribe.begin(isQueued: false, to: &$0) }
                try await maker.follow(choices, &scribe, until: context.hangUp, pingEvery: interval) { events in
                    try await stream.send { $0.raw(events) }
                }
            } catch {
                if context.hangUp.hasHappened || error is CancellationError || error is ChannelError {
                    context.notes.note(outcome: "client gone")
                    ledger.addHangUp()
                    throw error
                }
                context.notes.note(outcome: "failed: \((error as? APIError)?.message ?? "\(error)")")
                end = .failed(APIError(during: error))
            }
            let (last, problem) = await maker.finish(&scribe, end, then: Self.keep)
            if let problem { context.notes.note(outcome: "not stored: \(problem)") }
            scribe.report(to: context)
            try await stream.send { $0.raw(last) }
            try await stream.finish()
        }
        return Response(status: .ok, headers: Framing.events.headers, body: body)
    }

    /// Follows what is made in the background; letting go of it changes nothing there.
    private func stream(_ work: BackgroundResponses.Work, after count: Int, _ context: AppContext) -> Response {
        let interval = facilities.options.pingInterval
        let body = ResponseBody { body in
            let events = work.log.events(after: count, pingEvery: interval)
            for await event in events { try await body.write(ByteBuffer(string: event)) }
            try await body.finish(nil)
        }
        return Response(status: .ok, headers: Framing.events.headers, body: body)
    }
}

extension ResponseMaker {
    /// How the response begins in the background.
    fileprivate var queued: ByteBuffer {
        var scribe = plan.scribe, unheard = JSONWriter()
        scribe.begin(isQueued: true, to: &unheard)
        return scribe.json.finish()
    }
}

// MARK: Reading again

extension Responses {
    private func find(_ context: AppContext) async throws -> (StoredResponse, KeptResponses) {
        let kept = try facilities.requireKeptResponses("response_id"), id = try context.parameters.require("id")
        let found = try await kept.storage.run { try kept.records.find(id, kept.retention) }
        guard let found else { throw APIError.responseNotFound(id) }
        return (found, kept)
    }

    @Sendable func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = request.uri.queryParameters,
            after = try Self.startingAfter(query["starting_after"].map(String.init))
        try Self.checkIncludes(query)
        // What runs is looked for first: it is on the disk before it runs no more.
        let work = facilities.background.work(try context.parameters.require("id"))
        let (response, _) = try await find(context)
        switch query["stream"].map(String.init) {
        case nil, "false":
            guard after == 0 else {
                throw APIError.invalid("starting_after", "'starting_after' needs 'stream=true'.", code: "invalid_value")
            }
            return Response(response)
        case "true": break
        case let word?:
            throw APIError.invalid("stream", "'stream' must be 'true' or 'false', not '\(word.prefix(40))'.")
        }
        if let work { return stream(work, after: after, context) }
        guard let text = response.events else { throw APIError.notStreamed(response.id) }
        let events = ResponseLog.events(in: text).dropFirst(after).joined()
        return Response(
            status: .ok,
            headers: Framing.events.headers,
            body: .init(byteBuffer: ByteBuffer(string: events))
        )
    }

    /// Nothing more is included than there is; a name that nobody knows is told. Clients write arrays in one of three ways.
    private static func checkIncludes(_ query: Parameters) throws {
        for (key, name) in query where ["include", "include[]", "include%5b%5d"].contains(key.lowercased()) {
            try OpenAIFields.word(of: ResponsesBody.includes, JSONField(.string(String(name)), path: "include"))
        }
    }

    /// How many events the client has.
    private static func startingAfter(_ text: String?) throws(APIError) -> Int {
        guard let text else { return 0 }
        guard let number = Int(text), (0..<Int(Int32.max)).contains(number) else {
            throw .invalid(
                "starting_after",
                "'starting_after' must be the number of an event, not '\(text.prefix(40))'."
            )
        }
        return number + 1
    }

    @Sendable func inputItems(_ request: Request, _ context: AppContext) async throws -> Response {
        let page = try Cursor(request, standard: 20, maximum: 100)
        try Self.checkIncludes(request.uri.queryParameters)
        let (response, _) = try await find(context)
        let items = page.isAscending ? response.input : response.input.reversed()
        var rest = items[...]
        if let after = page.after {
            guard let place = items.firstIndex(where: { $0["id"]?.string == after }) else {
                throw APIError.invalid("after", "'after' is '\(after.prefix(80))', which is no item of this response.")
            }
            rest = items[(place + 1)...]
        }
        return Response(page.slice(rest), id: { $0["id"]?.string ?? "" }) { item, writer in
            for (name, value) in item.object ?? [:] { writer.member(name) { $0.value(value) } }
        }
    }
}

// MARK: Ending

extension Responses {
    @Sendable func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        let (response, kept) = try await find(context), id = response.id
        await facilities.background.cancel(id)
        guard try await kept.storage.run({ try kept.records.remove(id) }) else { throw APIError.responseNotFound(id) }
        return Response { writer in
            writer.field("id", id)
            writer.field("object", "response")
            writer.field("deleted", true)
        }
    }

    @Sendable func cancel(_ request: Request, _ context: AppContext) async throws -> Response {
        let (response, _) = try await find(context)
        guard response.isBackground else { throw APIError.notCancellable(response.id) }
        await facilities.background.cancel(response.id)
        return Response(try await find(context).0)
    }
}

extension Response {
    fileprivate init(_ response: StoredResponse) {
        var writer = JSONWriter()
        writer.value(response.body)
        self.init(json: writer.finish())
    }
}

extension APIError {
    fileprivate static func notCancellable(_ id: String) -> APIError {
        .invalid(
            "response_id",
            "The response '\(id)' was not made in the background: to end such a one, close the connection.",
            code: "not_cancellable"
        )
    }

    fileprivate static func notStreamed(_ id: String) -> APIError {
        .invalid(
            "stream",
            "The response '\(id)' was not made in the background: its events are not kept. Leave out 'stream'.",
            code: "not_streamable"
        )
    }
}

import HTTPTypes
import Inference
import NIOCore
import Text

/// A request for a response, read: what is to be generated, and how the response begins.
struct ResponsePlan: Sendable {
    let order: Order, scribe: ResponseScribe
    let isBackground: Bool, isStored: Bool
    let input: ResponseInput, parent: String?

    /// Reads a body, and from the disk what it goes on from. It runs in the workshop.
    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        let ignored = try ResponsesBody.refusals.check(body)
        try ResponsesBody.check(body)
        let stamp = facilities.stamp("resp_")
        let kept = facilities.keptResponses
        input = try ResponseInput(body["input"], stamp: stamp.id) { try kept?.item($0) }
        isBackground = try body["background"].optional?.bool ?? false
        let wantsStore = try body["store"].optional?.bool ?? true
        parent = try body["previous_response_id"].optional?.string
        if isBackground { try Self.checkBackground(kept, wantsStore) }
        isStored = wantsStore && kept != nil
        let history = try parent.map { try Self.history($0, kept) } ?? []

        var order = try Order(openAI: body, for: model, maximumChoices: 1)
        order.maxTokens = try body["max_output_tokens"].optional?.integer(in: 1...Int(Int32.max))
        order.topLogprobs = try ResponsesBody.topLogprobs(body)
        order.promptField = "input"
        order.ignoredFields = ignored
        var ask = try ChatAsk(responses: body, history: history, input, facilities.seal)
        if body["truncation"].value == "auto" { try ask.fit(model, answer: order.maxTokens) }
        try order.add(ask, for: model, stamp: stamp.id)
        let asked = try ResponsesBody.echo(body, order, isStored: isStored)
        var scribe = ResponseScribe(stamp, model.card.name, asked)
        scribe.summarises = try ResponsesBody.wantsSummary(body)
        scribe.seal = try ResponsesBody.wantsClosedThoughts(body) ? facilities.seal : nil
        scribe.vocabulary = order.topLogprobs == nil ? nil : model.vocabulary
        (self.order, self.scribe) = (order, scribe)
    }

    private static func checkBackground(_ kept: KeptResponses?, _ wantsStore: Bool) throws(APIError) {
        guard kept != nil else { throw .nothingKept("background") }
        guard wantsStore else {
            let why = "What is made in the background is read from where it is stored: leave out 'store': false."
            throw .invalid("background", why, code: "invalid_value")
        }
    }

    private static func history(_ id: String, _ kept: KeptResponses?) throws -> [JSON] {
        guard let kept else { throw APIError.nothingKept("previous_response_id") }
        return try kept.records.history(upTo: id, kept.retention)
    }

    /// The response as it is kept at that moment.
    func stored(_ scribe: ResponseScribe) throws -> StoredResponse {
        let body = try JSON(parsing: scribe.json.finish().readableBytesView)
        let stamp = scribe.stamp
        var stored = StoredResponse(id: stamp.id, created: stamp.created, status: scribe.status, body: body)
        (stored.isBackground, stored.parent, stored.input) = (isBackground, parent, input.items)
        return stored
    }
}

/// Where responses are kept, and for how long.
struct KeptResponses: Sendable {
    let storage: ServerStorage, retention: ResponseRecords.Retention

    var records: ResponseRecords { storage.responses }

    func item(_ id: String) throws -> JSON? { try records.item(id, retention) }
}

extension Facilities {
    /// Nil where nothing is kept.
    var keptResponses: KeptResponses? {
        guard let storage, options.keptResponses > 0 else { return nil }
        let lifetime = Int(options.responseLifetime.components.seconds)
        return KeptResponses(storage: storage, retention: .init(count: options.keptResponses, lifetime: lifetime))
    }

    func requireKeptResponses(_ param: String) throws(APIError) -> KeptResponses {
        guard let keptResponses else { throw .nothingKept(param) }
        return keptResponses
    }
}

extension APIError {
    fileprivate static func nothingKept(_ param: String) -> APIError {
        APIError(
            status: .notImplemented,
            kind: .invalidRequest,
            message: "This server keeps no responses, so '\(param)' cannot be had: it was started without a place for "
                + "them, or with keep-responses 0. Send the whole input.",
            param: param,
            code: "no_storage",
            headers: inVain
        )
    }
}

extension ChatAsk {
    /// Leaves out the oldest turns until the rest fits; instructions stay, and the last turn does.
    ///
    /// - Parameter answer: the tokens that are to follow.
    fileprivate mutating func fit(_ model: any GenerativeModel, answer: Int?) throws {
        let messages = conversation.messages, room = model.card.contextLength - max(1, answer ?? 1)
        let head = Array(messages.prefix { $0.role == .system || $0.role == .developer })
        let turns = messages.indices.filter { $0 > head.count && messages[$0].role == .user }
        func fits(_ messages: [Message]) throws -> Bool {
            var shorter = conversation
            shorter.messages = messages
            return try model.encode(shorter).count <= room
        }
        guard !turns.isEmpty, try !fits(messages) else { return }
        var low = 0, high = turns.count - 1
        while low < high {
            let middle = (low + high) / 2
            if try fits(head + messages[turns[middle]...]) { high = middle } else { low = middle + 1 }
        }
        conversation.messages = head + messages[turns[low]...]
    }
}

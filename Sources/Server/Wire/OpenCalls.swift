import Text

/// The calls of a conversation that wait for their results. Each is answered once, before anybody else speaks.
struct OpenCalls {
    private var made: Set<String> = []
    private var waiting: [(id: String, place: JSONField)] = []

    /// - Parameter place: the field that has the call's identity.
    mutating func make(_ place: JSONField) throws {
        let id = try place.string
        guard !waiting.contains(where: { $0.id == id }) else {
            throw APIError.wrongCall(place, "the identity of two calls. Give each its own.")
        }
        made.insert(id)
        waiting.append((id, place))
    }

    /// - Parameters:
    ///   - place: the field that names the call.
    ///   - unknown: what is thrown where there is none such.
    mutating func answer(_ place: JSONField, unknown: (String, JSONField) -> APIError) throws {
        let id = try place.string
        guard made.contains(id) else { throw unknown(id, place) }
        guard let index = waiting.firstIndex(where: { $0.id == id }) else {
            throw APIError.wrongCall(place, "a call that was answered before. Send one result for each call.")
        }
        waiting.remove(at: index)
    }

    func requireAnswers() throws {
        guard let call = waiting.first else { return }
        throw APIError.wrongCall(call.place, "a call without a result. Send each call's result right behind the calls.")
    }
}

extension APIError {
    fileprivate static func wrongCall(_ place: JSONField, _ why: String) -> APIError {
        let id = place.value?.string?.prefix(80) ?? ""
        return .invalid(place.path, "'\(place.path)' is '\(id)', \(why)", code: "invalid_value")
    }
}

extension [Message] {
    /// The messages, results in the order of the calls that they answer: templates and models pair them by their places.
    var withResultsInOrder: [Message] {
        var messages = self, ids: [String] = [], start = 0
        for index in indices {
            let message = self[index]
            guard message.role != .tool else {
                let isLast = index + 1 == count || self[index + 1].role != .tool
                if isLast { messages[start...index].sort { ids.place(of: $0) < ids.place(of: $1) } }
                continue
            }
            start = index + 1
            // Messages of one speaker are one turn.
            if message.role != .assistant || index == 0 || self[index - 1].role != .assistant { ids = [] }
            ids += message.toolCalls.compactMap(\.id)
        }
        return messages
    }
}

extension [String] {
    /// Where the call is that a result answers; behind all, where nothing tells.
    fileprivate func place(of result: Message) -> Int { result.toolCallID.flatMap { firstIndex(of: $0) } ?? count }
}

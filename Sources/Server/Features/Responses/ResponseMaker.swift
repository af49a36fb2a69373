import Inference
import NIOCore
import Text

/// Makes one response: follows its generation, tells what happens, and keeps what came of it.
struct ResponseMaker: Sendable {
    let plan: ResponsePlan, requests: [GenerationRequest]
    let model: any GenerativeModel
    let facilities: Facilities

    /// Nil where this response is not to be kept.
    private var kept: KeptResponses? { plan.isStored ? facilities.keptResponses : nil }

    /// Hands out the events, all but the first and the last, as they come.
    func follow(
        _ choices: Choices,
        _ scribe: inout ResponseScribe,
        until hangUp: Occurrence,
        pingEvery interval: Duration? = nil,
        _ show: (ByteBuffer) async throws -> Void
    ) async throws {
        var storyteller = Storyteller(plan.order)
        try await choices.events(until: hangUp, or: facilities.drain.cut, pingEvery: interval) { inbox in
            while let items = try await inbox.next() {
                var writer = JSONWriter()
                for item in items {
                    switch item {
                    case .ping: writer.ping()
                    case .event(let choice, let event):
                        storyteller.tell(event, of: choice) { scribe.tell($0, to: &writer) }
                    }
                }
                try await show(writer.finish())
                if let failure = storyteller.failure { throw failure }
            }
        }
    }

    /// Ends the response; what it ended as is on the disk before anybody hears of it.
    ///
    /// - Parameter write: keeps it, with the text of its last event.
    /// - Returns: the last event, and what a disk would not take.
    func finish(
        _ scribe: inout ResponseScribe,
        _ end: ResponseEnd = .told,
        then write: @escaping @Sendable (StoredResponse, KeptResponses, _ last: String) throws -> Void
    ) async -> (last: ByteBuffer, problem: (any Error)?) {
        let before = scribe, last = self.end(&scribe, end)
        guard let kept else { return (last, nil) }
        do {
            let stored = try plan.stored(scribe), text = String(buffer: last)
            try await kept.storage.run { try write(stored, kept, text) }
            return (last, nil)
        } catch {
            // The answer is good all the same; it says that it cannot be had again.
            scribe = before
            scribe.asked["store"] = false
            return (self.end(&scribe, end), error)
        }
    }

    private func end(_ scribe: inout ResponseScribe, _ end: ResponseEnd) -> ByteBuffer {
        var writer = JSONWriter()
        switch end {
        case .told: scribe.end(at: facilities.stamp("").created, to: &writer)
        case .failed(let error): scribe.fail(error, to: &writer)
        case .cancelled: scribe.cancel(to: &writer)
        }
        return writer.finish()
    }
}

/// Why a response goes on no further.
enum ResponseEnd: Sendable {
    case told
    case failed(APIError)
    case cancelled
}

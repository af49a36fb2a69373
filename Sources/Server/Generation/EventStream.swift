import HTTPTypes
package import Hummingbird
import NIOCore

/// Server-sent events (WHATWG HTML § 9.2), several to a write.
package struct EventStream {
    private var body: any ResponseBodyWriter

    package init(_ body: any ResponseBodyWriter) { self.body = body }

    package static let headers: HTTPFields = [
        .contentType: "text/event-stream; charset=utf-8",
        .cacheControl: "no-cache",
        HTTPField.Name("x-accel-buffering")!: "no",
    ]

    /// Sends what `fill` writes in one write, or nothing if it writes nothing.
    package mutating func send(_ fill: (inout JSONWriter) -> Void) async throws {
        var writer = JSONWriter()
        fill(&writer)
        let buffer = writer.finish()
        if buffer.readableBytes > 0 { try await body.write(buffer) }
    }

    package consuming func finish() async throws { try await body.finish(nil) }
}

extension JSONWriter {
    /// One event whose data is the object that `members` writes.
    package mutating func event(_ members: (inout JSONWriter) -> Void) {
        raw("data: ")
        object(members)
        raw("\n\n")
    }

    package mutating func event(_ error: APIError) {
        raw("data: ")
        error.write(to: &self)
        raw("\n\n")
    }

    package mutating func ping() { raw(": ping\n\n") }

    package mutating func done() { raw("data: [DONE]\n\n") }
}

extension ResponseBody {
    /// A body of events. What goes wrong once it has begun is told as an event, the stream's last.
    package static func events(
        _ context: AppContext,
        _ ledger: RequestLedger,
        _ write: @escaping @Sendable (inout EventStream) async throws -> Void
    ) -> ResponseBody {
        ResponseBody { body in
            var stream = EventStream(body)
            do {
                try await write(&stream)
            } catch {
                if context.hangUp.happened || error is CancellationError || error is ChannelError {
                    context.notes.note(outcome: "client gone")
                    ledger.addHangUp()
                    throw error
                }
                context.notes.note(outcome: "failed: \(error)")
                try await stream.send { $0.event(APIError(during: error)) }
            }
            try await stream.finish()
        }
    }
}

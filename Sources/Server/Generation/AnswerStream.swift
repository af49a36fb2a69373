import HTTPTypes
import Hummingbird
import NIOCore

/// The body of a streamed answer: pieces, several to a write.
struct AnswerStream {
    private var body: any ResponseBodyWriter

    init(_ body: any ResponseBodyWriter) { self.body = body }

    /// Sends what `fill` writes in one write, or nothing if it writes nothing.
    mutating func send(_ fill: (inout JSONWriter) -> Void) async throws {
        var writer = JSONWriter()
        fill(&writer)
        let buffer = writer.finish()
        if buffer.readableBytes > 0 { try await body.write(buffer) }
    }

    consuming func finish() async throws { try await body.finish(nil) }
}

extension JSONWriter {
    /// One server-sent event whose data is the object that `members` writes.
    package mutating func event(_ members: (inout JSONWriter) -> Void) {
        Framing.events.piece(&self) { $0.object(members) }
    }

    /// The object that `members` writes, on a line of its own.
    mutating func line(_ members: (inout JSONWriter) -> Void) {
        Framing.lines.piece(&self) { $0.object(members) }
    }

    package mutating func ping() { Framing.events.ping(&self) }

    package mutating func done() { raw("data: [DONE]\n\n") }
}

extension ResponseBody {
    /// A body of pieces. What goes wrong once it has begun is told as a piece, the stream's last.
    static func stream<D: Dialect>(
        of dialect: D.Type,
        _ context: AppContext,
        _ ledger: RequestLedger,
        _ write: @escaping @Sendable (inout AnswerStream) async throws -> Void
    ) -> ResponseBody {
        ResponseBody { body in
            var stream = AnswerStream(body)
            do {
                try await write(&stream)
            } catch {
                if context.hangUp.hasHappened || error is CancellationError || error is ChannelError {
                    context.notes.note(outcome: "client gone")
                    ledger.addHangUp()
                    throw error
                }
                let refusal = APIError(during: error)
                context.notes.note(outcome: "failed: \((error as? APIError)?.message ?? "\(error)")")
                try await stream.send { D.framing.piece(&$0) { D.write(refusal, to: &$0) } }
            }
            try await stream.finish()
        }
    }
}

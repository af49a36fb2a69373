import HTTPTypes
import Text

/// A way to ask for text and to be answered; a value of it is one exchange.
///
/// `init` reads a body into an ``Order``, which is in no dialect's words, and keeps what the answer needs. `write` puts the
/// answer into the dialect's words, whole or event by event. Everything between the two is the same for all: see ``Endpoint``.
protocol Dialect: Sendable {
    /// Reads a body. It runs in the workshop, so that it may take its time.
    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws

    /// What is asked for.
    var order: Order { get }

    /// The whole answer, where it was not to be streamed.
    func write(_ answer: Answer, to writer: inout JSONWriter)

    /// The next piece of a stream, or several, or none.
    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter)

    /// So many tokens more were made, thoughts included; the pieces that tell of them follow.
    mutating func count(_ tokens: Int)

    /// How pieces of a stream are told apart.
    static var framing: Framing { get }

    /// The name of the model that a body asks for; nil where it names none.
    static func modelName(_ body: JSONField) throws -> String?

    /// A refusal, as an object.
    static func write(_ error: APIError, to writer: inout JSONWriter)
}

extension Dialect {
    mutating func count(_ tokens: Int) {}

    static var framing: Framing { .events }

    static func modelName(_ body: JSONField) throws -> String? { try body["model"].optional?.string }

    static func write(_ error: APIError, to writer: inout JSONWriter) { error.write(to: &writer) }
}

/// How the pieces of a stream are told apart.
struct Framing: Sendable {
    let headers: HTTPFields
    /// One piece, whose data `write` writes.
    let piece: @Sendable (inout JSONWriter, _ write: (inout JSONWriter) -> Void) -> Void
    /// What a stream says when it has nothing to say, lest a proxy think it dead.
    let ping: @Sendable (inout JSONWriter) -> Void

    /// Server-sent events (WHATWG HTML § 9.2).
    static let events = Framing(headers: headers("text/event-stream; charset=utf-8")) { writer, write in
        writer.raw("data: ")
        write(&writer)
        writer.raw("\n\n")
    } ping: {
        $0.raw(": ping\n\n")
    }

    /// A line of JSON each. There is no line that says nothing.
    static let lines = Framing(headers: headers("application/x-ndjson")) { writer, write in
        write(&writer)
        writer.raw("\n")
    } ping: { _ in
    }

    private static func headers(_ type: String) -> HTTPFields {
        [.contentType: type, .cacheControl: "no-cache", HTTPField.Name("x-accel-buffering")!: "no"]
    }
}

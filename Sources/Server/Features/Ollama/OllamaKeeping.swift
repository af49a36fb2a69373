import Checkpoints
import Foundation
import HTTPTypes
import Hummingbird
import Text

/// Models that come and go on a client's word.
extension Ollama {
    @Sendable func pull(_ request: Request, _ context: AppContext) async throws -> Response {
        let (body, keeper) = try await keeping(request, context)
        let ignored = try Refusals(
            [.init("insecure", "what is fetched is always verified") { $0 == false }],
            known: ["model", "name", "stream", "username", "password"]
        ).check(body)
        let name = try Self.name(body)
        let reference = try ModelKeeper.reference(name, keeper.store)
        return try await progress(body, context, ignored) { tell in
            tell(.init("pulling manifest"))
            try await keeper.pull(reference) { tell(OllamaStatus($0, of: name)) }
            tell(.init("writing manifest"))
        }
    }

    @Sendable func copy(_ request: Request, _ context: AppContext) async throws -> Response {
        let (body, keeper) = try await keeping(request, context)
        let ignored = try Refusals([], known: ["source", "destination"]).check(body)
        let source = try body["source"].string.withoutTag, name = try body["destination"].string.withoutTag
        try await facilities.workshop.run {
            do { try keeper.copy(source, to: name) } catch { throw APIError(keeping: error) }
        }
        return Self.done(ignored)
    }

    @Sendable func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        let (body, keeper) = try await keeping(request, context)
        let ignored = try Refusals([], known: ["model", "name"]).check(body), name = try Self.name(body)
        try await facilities.workshop.run {
            do { try keeper.delete(name) } catch { throw APIError(keeping: error) }
        }
        return Self.done(ignored)
    }

    private static func done(_ ignored: [String]) -> Response {
        var response = Response(status: .ok)
        response.headers.ignored = ignored
        return response
    }

    /// Nothing is sent anywhere.
    @Sendable func push(_ request: Request, _ context: AppContext) async throws -> Response {
        context.notes.refusals = { OllamaChat.write($0, to: &$1) }
        throw APIError(
            status: .notImplemented,
            kind: .invalidRequest,
            message: "This server sends models nowhere; 'push' is not supported. Copy the file from its store.",
            code: "not_supported"
        )
    }

    func keeping(_ request: Request, _ context: AppContext) async throws -> (JSONField, ModelKeeper) {
        context.notes.refusals = { OllamaChat.write($0, to: &$1) }
        let keeper = try facilities.requireKeeper()
        return (try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop), keeper)
    }

    static func name(_ body: JSONField) throws -> String {
        guard let name = try nameIfAny(body) else { return try body["model"].string }
        return name
    }

    /// Older clients call it `name`.
    static func nameIfAny(_ body: JSONField) throws -> String? {
        let old = try body["name"].optional?.string
        return try (body["model"].optional?.string ?? old)?.withoutTag
    }
}

// MARK: As it goes

/// A line of what is being done.
struct OllamaStatus: Sendable {
    var status: String
    var digest: String?
    var total: Int?, completed: Int?

    init(_ status: String) { self.status = status }

    init(_ progress: PullProgress, of name: String) {
        let words: [PullProgress.Phase: String] = [
            .waiting: "waiting for another pull of \(name)", .fetching: "pulling \(name)",
            .retrying: "trying again: \(progress.reason ?? "")", .verifying: "verifying sha256 digest",
        ]
        status = words[progress.phase] ?? progress.phase.rawValue
        guard progress.phase == .fetching else { return }
        (digest, total, completed) = (name, progress.total, progress.completed)
    }

    func write(to writer: inout JSONWriter) {
        writer.field("status", status)
        if let digest { writer.field("digest", digest) }
        if let total { writer.field("total", total) }
        if let completed { writer.field("completed", completed) }
    }
}

extension Ollama {
    typealias Tell = @Sendable (OllamaStatus) -> Void

    /// Does what takes long, and tells how it goes in lines, unless the body wants one object at the end. Whoever hangs up ends it.
    func progress(
        _ body: JSONField,
        _ context: AppContext,
        _ ignored: [String],
        _ work: @escaping @Sendable (@escaping Tell) async throws -> Void
    ) async throws -> Response {
        let hangUp = context.hangUp, cut = facilities.drain.cut
        let isStreamed = try body["stream"].optional?.bool ?? true
        var response: Response
        if isStreamed {
            response = Response(
                status: .ok,
                headers: Framing.lines.headers,
                body: .stream(of: OllamaChat.self, context, facilities.ledger) { stream in
                    let (statuses, tell) = AsyncStream.makeStream(
                        of: OllamaStatus.self,
                        bufferingPolicy: .bufferingNewest(64)
                    )
                    let task = Task {
                        defer { tell.finish() }
                        try await work { tell.yield($0) }
                    }
                    defer { task.cancel() }
                    try await Self.ending(task, when: hangUp, or: cut) {
                        for await status in statuses { try await stream.send { $0.line(status.write) } }
                    }
                    try await stream.send { $0.line(OllamaStatus("success").write) }
                }
            )
        } else {
            let task = Task { try await work { _ in } }
            try await Self.ending(task, when: hangUp, or: cut) {}
            response = Response { OllamaStatus("success").write(to: &$0) }
        }
        response.headers.ignored = ignored
        return response
    }

    /// Runs `body`, then waits for the task, which the client's or the server's end cancels.
    private static func ending(
        _ task: Task<Void, any Error>,
        when hangUp: Occurrence,
        or cut: Occurrence,
        _ body: () async throws -> Void
    ) async throws {
        try await hangUp.listening {
            task.cancel()
        } while: {
            try await cut.listening {
                task.cancel()
            } while: {
                try await body()
                do { try await task.value } catch is CancellationError { throw CancellationError() } catch {
                    throw APIError(keeping: error)
                }
            }
        }
    }
}

import Foundation
package import Hummingbird
import Inference
import Text

/// `/v1/sessions`: the cache of a conversation saved to a file, and put back, so that the first word comes at once after a restart
/// or when others have taken the room. What is restored serves every dialect: whoever asks with that beginning finds it.
package struct Sessions: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.get("v1/sessions", use: list)
        router.post("v1/sessions/:name", use: save)
        router.post("v1/sessions/:name/restore", use: restore)
        router.delete("v1/sessions/:name", use: delete)
    }

    @Sendable func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let folder = try folder
        let entries = try await facilities.workshop.run { folder.entries }
        return Response { writer in
            writer.field("object", "list")
            writer.member("data") { writer in
                writer.array(entries) { writer, entry in
                    writer.object { writer in
                        writer.field("id", entry.name)
                        writer.field("object", "session")
                        if let model = entry.model { writer.field("model", model) } else { writer.null("model") }
                        if let tokens = entry.tokens { writer.field("tokens", tokens) } else { writer.null("tokens") }
                        writer.field("bytes", entry.bytes)
                        writer.field("created_at", Int(entry.saved.timeIntervalSince1970))
                    }
                }
            }
        }
    }

    /// Saves what the cache has of a conversation (`messages`, `tools`) or of a text (`prompt`).
    @Sendable func save(_ request: Request, _ context: AppContext) async throws -> Response {
        let (folder, name) = (try folder, try context.parameters.require("name")),
            (body, keeper, ignored) = try await asked(request, Self.saving)
        let model = keeper.model, path = try told { () throws(SessionError) in try folder.path(name) }
        let tokens = try await facilities.workshop.run { try Self.tokens(body, model) }
        let text = try await keeper.cached(tokens)
        guard !text.tokens.isEmpty else {
            throw APIError.invalid(
                body["prompt"].optional == nil ? "messages" : "prompt",
                "The cache has nothing of this beginning; ask for an answer to it first.",
                code: "nothing_cached"
            )
        }
        let session = Session(
            identity: keeper.identity,
            layout: keeper.layout,
            text: text,
            model: keeper.model.card.name
        )
        try await Workshop.onThread { try told { () throws(SessionError) in try session.write(to: path) } }
        return Self.answer(name, model, saved: text.tokens.count, of: tokens.count, ignored)
    }

    @Sendable func restore(_ request: Request, _ context: AppContext) async throws -> Response {
        let (folder, name) = (try folder, try context.parameters.require("name")),
            (_, keeper, ignored) = try await asked(request, Self.restoring)
        let session = try await Workshop.onThread { () throws -> Session? in
            try told { () throws(SessionError) in
                guard let session = try folder.session(name) else { return nil }
                try session.check(keeper.identity, keeper.layout, path: "session '\(name)'")
                return session
            }
        }
        guard let session else { throw APIError.sessionNotFound(name) }
        let count = try await keeper.restore(session.text)
        return Self.answer(name, keeper.model, saved: count, of: session.text.tokens.count, ignored)
    }

    @Sendable func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        let name = try context.parameters.require("name"), folder = try folder
        guard try told({ () throws(SessionError) in try folder.remove(name) }) else {
            throw APIError.sessionNotFound(name)
        }
        return Response { writer in
            writer.field("id", name)
            writer.field("object", "session")
            writer.field("deleted", true)
        }
    }
}

extension Sessions {
    private var folder: SessionFolder {
        get throws {
            guard let folder = facilities.options.sessions else { throw APIError.noSessions }
            return folder
        }
    }

    private static let saving = Refusals(
        [.template],
        known: Tokens.conversation.union(["model", "prompt"]),
        within: Members.openAI
    )
    private static let restoring = Refusals([], known: ["model"])

    /// The body, the model it names, and the fields that nobody here knows.
    private func asked(
        _ request: Request,
        _ refusals: Refusals
    ) async throws -> (JSONField, SessionKeeper, ignored: [String]) {
        let body = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let ignored = try refusals.check(body)
        let model = try await facilities.talker(try body["model"].optional?.string, namesModel: false)
        guard let keeper = SessionKeeper(model) else { throw APIError.notSaved(model.card.name) }
        return (body, keeper, ignored)
    }

    private static func tokens(_ body: JSONField, _ model: any GenerativeModel) throws -> [Int] {
        guard body["prompt"].optional == nil || body["messages"].optional == nil else {
            throw APIError.invalid("messages", "'prompt' and 'messages' both say what is saved; send one.")
        }
        if let prompt = body["prompt"].optional?.value?.string {
            return model.vocabulary.encode(prompt, addSpecial: true, parseSpecial: true)
        }
        if let prompt = body["prompt"].optional {
            return try prompt.tokens(vocabularySize: model.vocabulary.vocabularySize)
        }
        var conversation = try Conversation(body)
        if case .prompting = conversation.ending, conversation.messages.last?.role == .assistant {
            conversation.ending = .closed
        }
        return try model.encode(conversation)
    }

    private static func answer(
        _ name: String,
        _ model: any GenerativeModel,
        saved: Int,
        of all: Int,
        _ ignored: [String]
    ) -> Response {
        var response = Response { writer in
            writer.field("id", name)
            writer.field("object", "session")
            writer.field("model", model.card.name)
            writer.field("tokens", saved)
            writer.field("total_tokens", all)
        }
        response.headers.ignored = ignored
        return response
    }
}

/// An engine whose cache can be saved.
private struct SessionKeeper: Sendable {
    let model: any GenerativeModel, identity: String, layout: CacheLayout
    private let engine: Engine

    init?(_ model: any GenerativeModel) {
        guard let engine = model.keptEngine, let layout = engine.cacheLayout, let identity = model.card.identity else {
            return nil
        }
        (self.model, self.engine, self.layout, self.identity) = (model, engine, layout, identity)
    }

    func cached(_ tokens: [Int]) async throws -> CachedText { try await engine.cached(tokens) }
    func restore(_ text: CachedText) async throws -> Int { try await engine.restore(text) }
}

/// What a client is told where a session cannot be used.
private func told<Value>(_ body: () throws(SessionError) -> Value) throws(APIError) -> Value {
    do throws(SessionError) { return try body() } catch {
        switch error {
        case .badName: throw .invalid("name", "\(error).", code: "invalid_value")
        case .damaged(_, let reason):
            throw .invalid("name", "The session is damaged: \(reason).", code: "session_damaged")
        case .otherModel, .notKept:
            throw APIError(
                status: .conflict,
                kind: .invalidRequest,
                message: "\(error).",
                param: "model",
                code: "session_of_other_model"
            )
        case .system: throw .failed("The session cannot be read or written; is the disk full?")
        }
    }
}

extension APIError {
    fileprivate static func sessionNotFound(_ name: String) -> APIError {
        APIError(
            status: .notFound,
            kind: .invalidRequest,
            message: "There is no session '\(name.prefix(80))'.",
            param: "name",
            code: "session_not_found"
        )
    }

    fileprivate static let noSessions = APIError(
        status: .notImplemented,
        kind: .invalidRequest,
        message: "This server keeps no sessions: it was started without a place for them.",
        code: "no_storage",
        headers: inVain
    )

    fileprivate static func notSaved(_ model: String) -> APIError {
        .invalid("model", "The cache of '\(model)' cannot be saved: it was not opened from a file.")
    }
}

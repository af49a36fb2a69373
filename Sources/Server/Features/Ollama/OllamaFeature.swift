import Foundation
package import Hummingbird
import Text

/// Ollama's own API, for programs that know no other: `/api/chat`, `/api/generate`, and what tells of the models.
package struct Ollama: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("api/chat", use: facilities.answer(in: OllamaChat.self))
        router.post("api/generate", use: facilities.answer(in: OllamaGenerate.self))
        router.get("api/tags", use: tags)
        router.get("api/ps", use: running)
        router.post("api/show", use: show)
        router.get("api/version", use: version)
    }

    @Sendable func tags(_ request: Request, _ context: AppContext) async throws -> Response {
        context.notes.refusals = { OllamaChat.write($0, to: &$1) }
        return Ollama.list(try await facilities.models.listings())
    }

    /// Those that are in memory.
    @Sendable func running(_ request: Request, _ context: AppContext) async throws -> Response {
        Ollama.list(facilities.models.open.map { ModelListing($0.card) })
    }

    @Sendable func show(_ request: Request, _ context: AppContext) async throws -> Response {
        context.notes.refusals = { OllamaChat.write($0, to: &$1) }
        let body = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let name = try OllamaChat.modelName(body) ?? body["name"].optional?.string.withoutTag
        let card = try await facilities.models.find(name).card
        return Response { writer in
            writer.field("modified_at", card.created.timestamp)
            writer.field("template", card.chatTemplate ?? "")
            Ollama.writeDetails(to: &writer)
            writer.member("model_info") { writer in
                writer.object { writer in
                    writer.field("general.basename", card.name)
                    writer.field("general.architecture", "yuyan")
                    writer.field("yuyan.context_length", card.contextLength)
                }
            }
            let capabilities = [("completion", true), ("tools", card.calls != nil), ("thinking", card.thoughts != nil)]
            writer.member("capabilities") { $0.array(capabilities.filter(\.1)) { $0.value($1.0) } }
        }
    }

    @Sendable func version(_ request: Request, _ context: AppContext) async throws -> Response {
        Response { $0.field("version", YuyanServer.version) }
    }
}

extension Ollama {
    private static func list(_ listings: [ModelListing]) -> Response {
        Response { writer in
            writer.member("models") { writer in
                writer.array(listings) { writer, listing in
                    writer.object { writer in
                        writer.field("name", listing.name)
                        writer.field("model", listing.name)
                        writer.field("modified_at", listing.created.timestamp)
                        writeDetails(to: &writer)
                        if let card = listing.card { writer.field("context_length", card.contextLength) }
                    }
                }
            }
        }
    }

    private static func writeDetails(to writer: inout JSONWriter) {
        writer.member("details") { $0.object { $0.field("format", "gguf") } }
    }
}

extension Int {
    /// Seconds of the Unix epoch as RFC 3339 has them.
    var timestamp: String { Date(timeIntervalSince1970: Double(self)).formatted(.iso8601) }
}

extension String {
    /// Every model of Ollama has a tag, and clients add this one where a person names none.
    var withoutTag: String { hasSuffix(":latest") ? String(dropLast(":latest".count)) : self }
}

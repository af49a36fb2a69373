import Foundation
package import Hummingbird
import Text

/// Ollama's own API, for programs that know no other: `/api/chat`, `/api/generate`, vectors, and what tells of the models, brings
/// them and lets them go.
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
        router.get("api/status", use: status)
        router.post("api/embed", use: embed)
        router.post("api/embeddings", use: embeddings)
        router.post("api/pull", use: pull)
        router.post("api/push", use: push)
        router.post("api/create", use: create)
        router.post("api/copy", use: copy)
        router.delete("api/delete", use: delete)
        router.head("api/blobs/:digest", use: hasBlob)
        router.post("api/blobs/:digest", use: addBlob)
    }

    /// Ollama's tells whether its cloud is used; nothing leaves this server.
    @Sendable func status(_ request: Request, _ context: AppContext) async throws -> Response {
        Response { writer in
            writer.member("cloud") { writer in
                writer.object { writer in
                    writer.field("disabled", true)
                    writer.field("source", "config")
                }
            }
        }
    }

    @Sendable func version(_ request: Request, _ context: AppContext) async throws -> Response {
        Response { $0.field("version", YuyanServer.version) }
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

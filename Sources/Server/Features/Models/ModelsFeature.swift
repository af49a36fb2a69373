import Foundation
package import Hummingbird

/// `GET /v1/models`, `GET` and `DELETE /v1/models/{id}`, with what OpenAI does not tell: the context's length, whether it can
/// chat, and what it was tuned from; in Anthropic's words for those who speak them (``AnthropicModels``). A model that was tuned here is opened by its first request, not by being listed.
package struct Models: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.get("v1/models", use: list)
        router.get("v1/models/**", use: show)  // names may hold slashes
        router.delete("v1/models/**", use: delete)
    }

    @Sendable func list(_ request: Request, _ context: AppContext) async throws -> Response {
        guard !request.speaksAnthropic else {
            return try await AnthropicModels.page(of: facilities.models.listings(), request)
        }
        let listings = try await facilities.models.listings() + facilities.vectors.listings
        return Response { writer in
            writer.field("object", "list")
            writer.member("data") { writer in
                writer.array(listings) { writer, listing in writer.object { Models.write(listing, to: &$0) } }
            }
        }
    }

    @Sendable func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let name = name(context)
        let found = try await facilities.models.describe(name) ?? facilities.vectors.describe(name)
        guard let listing = found else { throw notFound(name) }
        let isAnthropic = request.speaksAnthropic
        return Response { writer in
            if isAnthropic {
                AnthropicModels.write(listing, to: &writer)
            } else {
                Models.write(listing, to: &writer)
            }
        }
    }

    @Sendable func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        let name = name(context)
        guard try await facilities.models.delete(name) else {
            throw facilities.vectors.names.contains(name) ? APIError.notDeletable(name) : notFound(name)
        }
        return Response { writer in
            writer.field("id", name)
            writer.field("object", "model")
            writer.field("deleted", true)
        }
    }

    private func name(_ context: AppContext) -> String {
        let path = context.parameters.getCatchAll().joined(separator: "/")
        return path.removingPercentEncoding ?? path
    }

    private func notFound(_ name: String) -> APIError {
        .modelNotFound(name, served: facilities.allNames)
    }

    private static func write(_ listing: ModelListing, to writer: inout JSONWriter) {
        writer.field("id", listing.name)
        writer.field("object", "model")
        writer.field("created", listing.created)
        writer.field("owned_by", listing.parent == nil ? "yuyan" : "organization")
        if let parent = listing.parent {
            writer.field("root", listing.root)
            writer.field("parent", parent)
        }
        if listing.makesVectors { writer.field("kind", "embedding") }
        guard let card = listing.card else { return }
        writer.field("context_length", card.contextLength)
        writer.field("max_model_len", card.contextLength)
        writer.field("has_chat_template", card.chatTemplate != nil)
    }
}

import HTTPTypes
import Hummingbird

/// The models in Anthropic's words, for who asks with `anthropic-version`: `GET /v1/models` in pages, and `GET /v1/models/{id}`.
enum AnthropicModels {
    private static let standard = 20, most = 1000

    static func page(of listings: [ModelListing], _ request: Request) throws -> Response {
        let query = request.uri.queryParameters
        let limit = try limit(query["limit"].map(String.init))
        let after = try place(of: query["after_id"].map(String.init), "after_id", listings)
        let before = try place(of: query["before_id"].map(String.init), "before_id", listings)
        guard after == nil || before == nil else {
            throw APIError.invalid(
                "before_id",
                "'before_id' and 'after_id' exclude each other; send one.",
                code: "invalid_value"
            )
        }
        let rest = before.map { listings[..<$0] } ?? listings[(after.map { $0 + 1 } ?? 0)...]
        let page = Array(before == nil ? rest.prefix(limit) : rest.suffix(limit))
        return Response { writer in
            writer.member("data") { $0.array(page) { writer, listing in writer.object { write(listing, to: &$0) } } }
            writer.field("has_more", page.count < rest.count)
            writer.field("first_id", page.first?.name)
            writer.field("last_id", page.last?.name)
        }
    }

    static func write(_ listing: ModelListing, to writer: inout JSONWriter) {
        writer.field("type", "model")
        writer.field("id", listing.name)
        writer.field("display_name", listing.name)
        writer.field("created_at", listing.created.timestamp)
        writer.field("max_input_tokens", listing.card?.contextLength)
        writer.field("max_tokens", listing.card?.contextLength)
    }

    private static func limit(_ text: String?) throws(APIError) -> Int {
        guard let text else { return standard }
        guard let number = Int(text), (1...most).contains(number) else {
            throw .invalid("limit", "'limit' must be between 1 and \(most), not '\(text.prefix(40))'.")
        }
        return number
    }

    private static func place(of id: String?, _ field: String, _ listings: [ModelListing]) throws(APIError) -> Int? {
        guard let id else { return nil }
        guard let place = listings.firstIndex(where: { $0.name == id }) else {
            throw .invalid(field, "'\(field)' is '\(id.prefix(80))', and no such model is served.")
        }
        return place
    }
}

extension Request {
    /// Whether it is of Anthropic's API, by its path or, where other APIs have the path as well, by the version that it names.
    var speaksAnthropic: Bool {
        if uri.path.hasPrefix("/v1/messages") { return true }
        let isShared = uri.path == "/v1/models" || uri.path.hasPrefix("/v1/models/")
        return isShared && headers[HTTPField.Name("anthropic-version")!] != nil
    }
}

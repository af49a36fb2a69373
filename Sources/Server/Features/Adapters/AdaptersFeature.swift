package import Hummingbird
import Text

/// `POST /v1/load_lora_adapter` and `POST /v1/unload_lora_adapter`, as vLLM has them: adapters come and go while the server runs.
///
/// Loading reads a folder of this machine that the client names, so an operator has to allow it.
package struct Adapters: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v1/load_lora_adapter", use: load)
        router.post("v1/unload_lora_adapter", use: unload)
    }

    @Sendable func load(_ request: Request, _ context: AppContext) async throws -> Response {
        let (models, json) = try await open(request)
        try json.refuseOthers(than: ["lora_name", "lora_path", "load_inplace", "base_model_name"])
        let adapter = try await models.load(
            json.named("lora_name"),
            from: json.named("lora_path"),
            over: json["base_model_name"].optional?.string,
            replacing: json["load_inplace"].optional?.bool ?? false
        )
        return Response(plain: "Success: LoRA adapter '\(adapter.title)' added successfully.")
    }

    @Sendable func unload(_ request: Request, _ context: AppContext) async throws -> Response {
        let (models, json) = try await open(request)
        try json.refuseOthers(than: ["lora_name", "lora_int_id"])
        let name = try json.named("lora_name")
        guard models.forget(name) else { throw APIError.noAdapter(name) }
        return Response(plain: "Success: LoRA adapter '\(name)' removed successfully.")
    }

    private func open(_ request: Request) async throws -> (AdaptedModels, JSONField) {
        guard let models = facilities.models as? AdaptedModels, facilities.options.loadsAdapters else {
            throw APIError.noLoading
        }
        return (models, try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop))
    }
}

extension JSONField {
    fileprivate func named(_ name: String) throws -> String {
        let text = try self[name].string
        guard !text.isEmpty else { throw self[name].unexpected("a text") }
        return text
    }

    fileprivate func refuseOthers(than known: Set<String>) throws {
        guard let odd = try object.keys.first(where: { !known.contains($0) }) else { return }
        throw APIError.unsupported(odd, "'\(odd)' is not supported here: adapters are loaded by name and path.")
    }
}

extension Response {
    fileprivate init(plain text: String) {
        self.init(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: .init(string: text))
        )
    }
}

extension APIError {
    fileprivate static let noLoading = APIError(
        status: .forbidden,
        kind: .permission,
        message: "This server loads no adapters over the API. Its operator can allow it with --load-adapters on; "
            + "adapters of its store answer as model:adapter without.",
        code: "adapter_loading_is_off"
    )

    fileprivate static func noAdapter(_ name: String) -> APIError {
        APIError(
            status: .notFound,
            kind: .notFound,
            message: "The adapter '\(name)' is not loaded.",
            param: "lora_name",
            code: "adapter_not_found"
        )
    }
}

import Checkpoints
import Foundation
import Hummingbird
import Text

/// What is told of the models: `/api/tags`, `/api/ps` and `/api/show`.
extension Ollama {
    @Sendable func tags(_ request: Request, _ context: AppContext) async throws -> Response {
        context.notes.refusals = { OllamaChat.write($0, to: &$1) }
        let listings = try await facilities.models.listings(), keeper = facilities.keeper
        let stored = try await facilities.workshop.run { try keeper?.store.list() ?? [] }
        let vectors = facilities.vectors.names.map { ModelListing(name: $0, created: 0) }
        return Ollama.list(listings + vectors) { listing, writer in
            guard let file = stored.first(where: { $0.name == listing.root ?? listing.name }) else { return }
            writer.field("size", file.bytes)
            writer.field("digest", file.record?.sha256 ?? "")
        }
    }

    /// Those that are in memory.
    @Sendable func running(_ request: Request, _ context: AppContext) async throws -> Response {
        let models = facilities.models
        return Ollama.list(models.open.map { ModelListing($0.card) }) { listing, writer in
            guard let holding = models.holding(listing.name) else { return }
            writer.field("size", holding.bytes)
            writer.field("size_vram", 0)
            // Ollama has no word for good; a client is shown a century.
            let left = Int((holding.timeLeft ?? .seconds(3_200_000_000)).components.seconds)
            writer.field("expires_at", (Int(Date().timeIntervalSince1970) + left).timestamp)
        }
    }

    @Sendable func show(_ request: Request, _ context: AppContext) async throws -> Response {
        context.notes.refusals = { OllamaChat.write($0, to: &$1) }
        let body = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let name = try OllamaChat.modelName(body) ?? body["name"].optional?.string.withoutTag
        let model = try await facilities.models.require(name), card = model.card, keeper = facilities.keeper
        let derivation = keeper?.models.derivation(card.name)
        let licence = try await facilities.workshop.run {
            let stored = try keeper?.store.stored(derivation?.base ?? card.name)
            return stored.flatMap { try? ModelDescription(GGUFFile(path: $0.path)) }?.licence
        }
        let shown = Shown(
            card: card,
            derivation: derivation,
            licence: licence,
            insertsText: Infill(model.vocabulary) != nil
        )
        return Response { shown.write(to: &$0) }
    }

    static func list(_ listings: [ModelListing], _ more: (ModelListing, inout JSONWriter) -> Void) -> Response {
        Response { writer in
            writer.member("models") { writer in
                writer.array(listings) { writer, listing in
                    writer.object { writer in
                        writer.field("name", listing.name)
                        writer.field("model", listing.name)
                        writer.field("modified_at", listing.created.timestamp)
                        more(listing, &writer)
                        Shown.writeDetails(listing.card?.details, parent: listing.root, to: &writer)
                        if let card = listing.card { writer.field("context_length", card.contextLength) }
                    }
                }
            }
        }
    }
}

/// A model, as `/api/show` has it.
struct Shown {
    let card: ModelCard, derivation: Derivation?, licence: String?
    /// Whether it fills in between two texts.
    let insertsText: Bool

    func write(to writer: inout JSONWriter) {
        writer.field("modified_at", card.created.timestamp)
        writer.field("template", card.chatTemplate ?? "")
        writer.field("modelfile", modelfile)
        if let derivation { writeDerivation(derivation, to: &writer) }
        if derivation?.licences.isEmpty ?? true, let licence { writer.field("license", licence) }
        Self.writeDetails(card.details, parent: derivation?.base, to: &writer)
        let family = card.details?.family ?? "yuyan"
        writer.member("model_info") { writer in
            writer.object { writer in
                writer.field("general.basename", card.name)
                writer.field("general.architecture", family)
                if let details = card.details { writer.field("general.parameter_count", details.parameters) }
                writer.member("\(family).context_length") { $0.value(card.contextLength) }
            }
        }
        let capabilities = [
            ("completion", true), ("tools", card.calls != nil), ("thinking", card.thinks), ("insert", insertsText),
        ]
        writer.member("capabilities") { $0.array(capabilities.filter(\.1)) { $0.value($1.0) } }
    }

    private func writeDerivation(_ derivation: Derivation, to writer: inout JSONWriter) {
        writer.field("parameters", parameters)
        if let system = derivation.system { writer.field("system", system) }
        if !derivation.licences.isEmpty { writer.field("license", derivation.licences.joined(separator: "\n")) }
        if !derivation.messages.isEmpty { writer.field("messages", .array(derivation.messages)) }
    }

    /// A line for each parameter, or for each text of a list.
    private var parameters: String {
        let lines = zip(derivation?.parameters.keys ?? [], derivation?.parameters.values ?? []).flatMap { name, value in
            (value.array ?? [value]).map { "\(name.padding(toLength: 30, withPad: " ", startingAt: 0)) \($0.text())" }
        }
        return lines.joined(separator: "\n")
    }

    private var modelfile: String {
        var lines = ["FROM \(derivation?.base ?? card.name)"]
        if let template = derivation?.template { lines.append("TEMPLATE \"\"\"\(template)\"\"\"") }
        if let system = derivation?.system { lines.append("SYSTEM \"\"\"\(system)\"\"\"") }
        lines += parameters.split(separator: "\n").map { "PARAMETER \($0)" }
        return lines.joined(separator: "\n")
    }

    /// All of the fields, as Ollama's own clients expect them; what is not known is empty.
    static func writeDetails(_ details: ModelDetails?, parent: String?, to writer: inout JSONWriter) {
        writer.member("details") { writer in
            writer.object { writer in
                writer.field("parent_model", parent ?? "")
                writer.field("format", details?.format ?? "")
                writer.field("family", details?.family ?? "")
                writer.member("families") { writer in
                    writer.array(details.map { [$0.family] } ?? []) { $0.value($1) }
                }
                writer.field("parameter_size", details.map { size($0.parameters) } ?? "")
                writer.field("quantization_level", details?.quantisation ?? "")
            }
        }
    }

    private static func size(_ parameters: Int) -> String {
        let millions = Double(parameters) / 1e6
        return millions >= 1000 ? "\((millions / 100).rounded() / 10)B" : "\((millions * 100).rounded() / 100)M"
    }
}

import Checkpoints
import Foundation
import Hummingbird
import Text

/// What is told of the models: `/api/tags`, `/api/ps` and `/api/show`.
extension Ollama {
    @Sendable func tags(_ request: Request, _ context: AppContext) async throws -> Response {
        context.notes.refusals = { OllamaChat.write($0, to: &$1) }
        let listings = try await facilities.models.listings() + facilities.vectors.listings
        return Ollama.list(listings) { $1.field("size", $0.file?.bytes ?? 0) }
    }

    /// Those that are in memory.
    @Sendable func running(_ request: Request, _ context: AppContext) async throws -> Response {
        let models = facilities.models, vectors = facilities.vectors
        var listings: [ModelListing] = []
        for model in models.open {
            var listing = ModelListing(model.card)
            let known = try await models.describe(listing.name)
            (listing.file, listing.created) = (known?.file, known?.created ?? listing.created)
            listings.append(listing)
        }
        listings += vectors.open.compactMap { vectors.describe($0.card.name) }
        return Ollama.list(listings) { listing, writer in
            let name = listing.name
            guard let holding = listing.makesVectors ? vectors.holding(name) : models.holding(name) else { return }
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
        let ignored = try Refusals([], known: ["model", "name", "verbose"]).check(body)
        // Theirs then tells every token as well; here there is no more to tell.
        _ = try body["verbose"].optional?.bool
        guard let name = try Self.nameIfAny(body) else { throw APIError.modelMissing(served: facilities.allNames) }
        let shown = if let vectors = try await vectors(name) { vectors } else { try await talker(name) }
        var response = Response { shown.write(to: &$0) }
        response.headers.ignored = ignored
        return response
    }

    private func talker(_ name: String) async throws -> Shown {
        guard let model = try await facilities.models.model(named: name) else {
            throw APIError.modelNotFound(name, served: facilities.allNames)
        }
        let card = model.card, derivation = facilities.keeper?.models.derivation(card.name)
        return Shown(
            card: card,
            modified: try await facilities.models.describe(name)?.modified,
            derivation: derivation,
            licence: try await licence(of: derivation?.base ?? card.name),
            abilities: Shown.abilities(of: model)
        )
    }

    /// Nil where none that makes vectors has that name, or one that talks has it too.
    private func vectors(_ name: String) async throws -> Shown? {
        let vectors = facilities.vectors
        guard vectors.names.contains(name), !facilities.models.names.contains(name) else { return nil }
        let model = try await vectors.find(name)
        return Shown(
            card: model.card,
            modified: vectors.describe(name)?.modified,
            licence: try await licence(of: name),
            abilities: [model.ranks ? "rerank" : "embedding"],
            dimensions: model.dimensions
        )
    }

    private func licence(of name: String) async throws -> String? {
        guard let store = facilities.keeper?.store else { return nil }
        return try await facilities.workshop.run {
            try store.stored(name).flatMap { try? ModelDescription(GGUFFile(path: $0.path)) }?.licence
        }
    }

    static func list(_ listings: [ModelListing], _ more: (ModelListing, inout JSONWriter) -> Void) -> Response {
        Response { writer in
            writer.member("models") { writer in
                writer.array(listings) { writer, listing in
                    writer.object { writer in
                        writer.field("name", listing.name)
                        writer.field("model", listing.name)
                        writer.field("modified_at", listing.modified.timestamp)
                        writer.field("digest", listing.file?.digest ?? sha256(of: listing.name.utf8))
                        more(listing, &writer)
                        Shown.writeDetails(listing.card?.details, parent: listing.root, to: &writer)
                        if let card = listing.card { writer.field("context_length", card.contextLength) }
                    }
                }
            }
        }
    }
}

extension ModelListing {
    /// When its file was changed, or a model was made of another.
    fileprivate var modified: Int { (parent == nil ? file?.modified : nil) ?? created }
}

/// A model, as `/api/show` has it.
struct Shown {
    let card: ModelCard
    let modified: Int?
    var derivation: Derivation?
    let licence: String?
    /// What it can do, in Ollama's words.
    let abilities: [String]
    /// How long a vector is, of a model that makes them.
    var dimensions: Int?

    static func abilities(of model: any GenerativeModel) -> [String] {
        let card = model.card, inserts = Infill(model.vocabulary) != nil
        return [("completion", true), ("tools", card.calls != nil), ("thinking", card.thinks), ("insert", inserts)]
            .filter(\.1).map(\.0)
    }

    func write(to writer: inout JSONWriter) {
        writer.field("modified_at", (modified ?? card.created).timestamp)
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
                if let dimensions { writer.member("\(family).embedding_length") { $0.value(dimensions) } }
            }
        }
        writer.member("capabilities") { $0.array(abilities) { $0.value($1) } }
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

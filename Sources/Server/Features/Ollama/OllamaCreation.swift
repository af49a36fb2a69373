import Checkpoints
import Foundation
import Hummingbird
import Inference
import Text

/// `POST /api/create`: a model of another, with other words to begin with, another template, other standards; or of a file that
/// was sent before; with fewer bits where that is asked for.
struct OllamaCreation: Sendable {
    enum Origin: Sendable {
        case model(String)
        /// A blob's digest.
        case blob(String)
    }

    let name: String, origin: Origin, quantize: String?
    let derivation: Derivation
    let ignored: [String]

    init(_ body: JSONField, now: Int) throws {
        ignored = try Refusals(Self.rules, known: Self.known).check(body)
        name = try Ollama.name(body)
        origin = try Self.origin(body)
        quantize = try body["quantize"].optional?.string ?? body["quantization"].optional?.string
        if let quantize, Recipe.named(quantize.lowercased()) == nil {
            let known = Recipe.all.map(\.name).joined(separator: ", ")
            throw APIError.invalid("quantize", "'quantize' must be one of \(known), not '\(quantize.prefix(40))'.")
        }
        var derivation = Derivation(name: name, base: name, created: now)
        if case .model(let base) = origin { derivation.base = base }
        derivation.system = try body["system"].optional?.string.nonEmpty
        derivation.template = try Self.template(body["template"])
        derivation.parameters = try Self.parameters(body["parameters"])
        derivation.messages =
            try body["messages"].optional?.elements.map { field in
                _ = try Message.wire(field)
                return field.value ?? .null
            } ?? []
        derivation.licences = try Self.licences(body["license"])
        self.derivation = derivation
    }

    private static let known: Set<String> = [
        "model", "name", "from", "files", "quantize", "quantization", "system", "template", "parameters", "messages",
        "license", "stream",
    ]

    private static let rules: [Refusals.Rule] = [
        .init("adapters", "serve an adapter's folder by its path, or merge it first") { $0 == [:] || $0 == [] },
        .init("modelfile", "send its lines as 'from', 'system', 'template' and 'parameters'") { $0 == "" },
        .init("path", "no file of the server's machine is read; send it to /api/blobs") { $0 == "" },
        .init("renderer", "templates are Jinja, as models bring them") { $0 == "" },
        .init("parser", "how a model writes its calls is found by its template") { $0 == "" },
    ]

    private static func origin(_ body: JSONField) throws -> Origin {
        let from = try body["from"].optional?.string.nonEmpty?.withoutTag
        guard let files = body["files"].optional, try !files.object.isEmpty else {
            guard let from else { throw body["from"].unexpected("a model's name, or 'files'") }
            return .model(from)
        }
        guard from == nil else {
            throw APIError.invalid("files", "'from' and 'files' both say what it is made of; send one.")
        }
        let names = try files.object.keys
        guard names.count == 1, names[0].lowercased().hasSuffix(".gguf") else {
            throw APIError.unsupported("files", "'files' must be one GGUF file; convert others with yuyan convert.")
        }
        return .blob(try OllamaBlobs.digest(files[names[0]]))
    }

    /// Ollama's own templates are Go's, which are not read here.
    static func template(_ field: JSONField) throws -> String? {
        guard let source = try field.optional?.string.nonEmpty else { return nil }
        guard source.firstMatch(of: /\{\{-?\s*(?:\.|if |range |end\b|\$|template )/) == nil else {
            throw APIError.unsupported("template", "'template' must be a Jinja template; Go's are not read here.")
        }
        do { _ = try ChatTemplate(source) } catch {
            throw APIError.invalid("template", "'template' is no Jinja template: \(error).", code: "invalid_value")
        }
        return source
    }

    private static func parameters(_ field: JSONField) throws -> OrderedObject {
        guard let field = field.optional else { return [:] }
        if let unknown = try OllamaOptions.check(field).first {
            throw APIError.unsupported("parameters.\(unknown)", "'parameters.\(unknown)' is not known here.")
        }
        return try field.object
    }

    private static func licences(_ field: JSONField) throws -> [String] {
        guard let field = field.optional else { return [] }
        if let one = field.value?.string { return one.isEmpty ? [] : [one] }
        return try field.elements.map { try $0.string }
    }
}

extension Ollama {
    @Sendable func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let (body, keeper) = try await keeping(request, context)
        let creation = try OllamaCreation(body, now: Int(Date().timeIntervalSince1970))
        try keeper.check(creation)
        return try await progress(body, context, creation.ignored) { tell in
            let stop = Occurrence()
            try await withTaskCancellationHandler {
                try await Workshop.onThread { try keeper.create(creation, stop, tell) }
            } onCancel: {
                stop.happen()
            }
        }
    }
}

extension ModelKeeper {
    /// Throws where it cannot be made, before anything is.
    func check(_ creation: OllamaCreation) throws {
        // What was made of another is made anew; weights are not written over.
        if models.derivation(creation.name) == nil || creation.writesWeights { try requireFree(creation.name) }
        switch creation.origin {
        case .model(let base):
            guard models.derivation(base)?.base != creation.name else {
                throw APIError.isBase(creation.name, of: [base])
            }
            guard models.derivation(base) == nil, !models.hasEntry(base) else { return }
            guard try !creation.derives || !makesVectors(base) else { throw APIError.cannotBeTold(base, in: "from") }
            _ = try stored(base, in: "from")
        case .blob(let digest):
            guard FileManager.default.fileExists(atPath: OllamaBlobs.path(digest, store)) else {
                throw APIError.invalid(
                    "files",
                    "There is no blob \(digest); send it to /api/blobs first.",
                    code: "invalid_value"
                )
            }
        }
    }

    func create(_ creation: OllamaCreation, _ stop: Occurrence, _ tell: @escaping Ollama.Tell) throws {
        do {
            var derivation = creation.derivation
            switch creation.origin {
            case .blob(let digest):
                tell(.init("parsing GGUF"))
                try adopt(digest, creation, stop, tell)
            case .model(let base) where creation.quantize != nil:
                let origin = models.derivation(base)?.base ?? base
                try quantise(stored(origin, in: "from").path, creation, stop, tell)
                derivation = derivation.over(models.derivation(base))
                derivation.base = creation.name
            case .model(let base):
                if models.derivation(base) == nil, !models.hasEntry(base) { try serve(stored(base, in: "from")) }
                derivation = derivation.over(models.derivation(base))
            }
            guard !derivation.isPlain || !creation.writesWeights else { return }
            for layer in derivation.layers { tell(.init("creating \(layer) layer")) }
            tell(.init("writing manifest"))
            try keep(derivation)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw APIError(keeping: error)
        }
    }

    private func adopt(
        _ digest: String,
        _ creation: OllamaCreation,
        _ stop: Occurrence,
        _ tell: @escaping Ollama.Tell
    ) throws {
        let path = OllamaBlobs.path(digest, store)
        if creation.quantize != nil {
            try quantise(path, creation, stop, tell)
        } else {
            try serve(
                store.adopt(path, as: creation.name, sha256: String(digest.dropFirst(7)), source: "sent by a client")
            )
        }
        unlink(path)
    }

    private func quantise(
        _ path: String,
        _ creation: OllamaCreation,
        _ stop: Occurrence,
        _ tell: @escaping Ollama.Tell
    ) throws {
        let recipe = creation.quantize?.lowercased() ?? ""
        let part = store.folder + "/." + ModelStore.fileName(creation.name) + ".quantising.gguf"
        unlink(part)
        defer { unlink(part) }
        tell(.init("quantizing model to \(recipe)"))
        try quantising(path, recipe, part) { done in
            if stop.hasHappened { throw CancellationError() }
            var status = OllamaStatus("quantizing model to \(recipe)")
            (status.total, status.completed) = (100, Int(done * 100))
            tell(status)
        }
        let hash = try sha256(ofFile: part)
        try serve(
            store.adopt(part, as: creation.name, sha256: hash, source: "\(creation.quantize ?? "") of a client's model")
        )
    }
}

extension OllamaCreation {
    /// Whether the store gets a file, not only a note.
    var writesWeights: Bool {
        if case .blob = origin { true } else { quantize != nil }
    }

    /// Whether a ``Derivation`` is kept.
    var derives: Bool { !derivation.isPlain || !writesWeights }
}

extension Derivation {
    fileprivate var layers: [String] {
        [
            ("system", system != nil), ("template", template != nil), ("parameters", !parameters.isEmpty),
            ("messages", !messages.isEmpty), ("license", !licences.isEmpty),
        ].filter(\.1).map(\.0)
    }
}

extension String {
    var nonEmpty: String? { isEmpty ? nil : self }
}

public import Checkpoints
import Foundation
import Synchronization
import Text

/// What clients may do to the models of a server: fetch them, copy, make and delete them. They are those of the store, and whoever
/// comes is served from then on.
public final class ModelKeeper: Sendable {
    /// What a model of the store can do.
    public enum Service: Sendable {
        case talks(ShelvedModels.Entry)
        case makesVectors(VectorModels.Entry)
    }

    /// Writes a model anew with fewer bits: the file or folder it is in, the name of the recipe, the file to write, and what is
    /// told how much is done, from 0 to 1; it throws to end it.
    public typealias Quantising =
        @Sendable (
            _ source: String,
            _ recipe: String,
            _ target: String,
            _ progress: @escaping @Sendable (Double) throws -> Void
        ) throws -> Void

    let store: ModelStore
    let models: ShelvedModels
    private let vectors: VectorModels
    private let service: @Sendable (StoredModel) throws -> Service
    let quantising: Quantising
    private let standing: Set<String>

    /// - Parameters:
    ///   - models: those that are served.
    ///   - standing: those that stay, whatever clients ask; nil: the first.
    ///   - service: how a model of the store is served.
    public init(
        _ store: ModelStore,
        models: ShelvedModels,
        vectors: VectorModels = .none,
        standing: Set<String>? = nil,
        quantising: @escaping Quantising,
        service: @escaping @Sendable (StoredModel) throws -> Service
    ) {
        (self.store, self.models, self.vectors, self.service) = (store, models, vectors, service)
        (self.quantising, self.standing) = (quantising, standing ?? Set(models.names.prefix(1)))
        for derivation in derivations() where models.hasEntry(derivation.base) { models.add(derivation) }
    }

    /// Fetches a model, and serves it from now on.
    ///
    /// A client may name what the catalogue has and what is on the web, but no file of this machine.
    func pull(_ reference: String, _ progress: @escaping @Sendable (PullProgress) -> Void) async throws {
        let stored = try await store.pull(try Self.reference(reference, store), progress: progress)
        // What is there already stays open.
        guard !models.hasEntry(stored.name), !vectors.names.contains(stored.name) else { return }
        try serve(stored)
    }

    /// What a client's word means to the store.
    static func reference(_ text: String, _ store: ModelStore) throws(APIError) -> String {
        for site in ["hf.co/", "huggingface.co/", "https://huggingface.co/", "https://hf.co/"]
        where text.hasPrefix(site) {
            return "hf:" + text.dropFirst(site.count).replacing(":", with: "@")
        }
        let schemes = ["hf:", "huggingface:", "modelscope:", "ms:", "http://", "https://"]
        if schemes.contains(where: text.hasPrefix) || store.catalogue[text] != nil { return text }
        throw .modelNotInCatalogue(text, known: store.catalogue.entries.map(\.name))
    }

    /// Serves what the store has got.
    func serve(_ stored: StoredModel) throws {
        switch try service(stored) {
        case .talks(let entry): models.add(entry)
        case .makesVectors(let entry): vectors.add(entry)
        }
    }

    /// A second name for a model.
    func copy(_ source: String, to name: String) throws {
        try requireFree(name, in: "destination")
        if var derivation = models.derivation(source) {
            derivation.name = name
            return try keep(derivation)
        }
        let model = try stored(source, in: "source")
        guard model.isGGUF else { throw APIError.notOneFile(source, in: "source") }
        try serve(store.copy(model, to: name))
    }

    /// The model's file in the store; one that is served from elsewhere has none.
    ///
    /// - Parameter field: the one that has the name.
    func stored(_ name: String, in field: String = "model") throws -> StoredModel {
        guard let stored = try store.stored(name) else {
            let served = models.names + vectors.names
            guard served.contains(name) else { throw APIError.modelNotFound(name, served: served, in: field) }
            throw field == "model" ? APIError.notDeletable(name) : APIError.outsideStore(name, in: field)
        }
        return stored
    }

    /// Whether that model, served or in the store, makes vectors.
    func makesVectors(_ name: String) throws -> Bool {
        if vectors.names.contains(name) { return true }
        guard let stored = try store.stored(name), case .makesVectors? = try? service(stored) else { return false }
        return true
    }

    /// Forgets a model, and removes what the store has of it.
    func delete(_ name: String) throws {
        guard !standing.contains(name) else { throw APIError.notDeletable(name) }
        let children = models.derivations(of: name).map(\.name)
        guard children.isEmpty else { throw APIError.isBase(name, of: children) }
        let wasDerived = models.derivation(name) != nil
        if wasDerived { try forget(name) }
        if try store.stored(name) != nil {
            try store.remove(name)
        } else if !wasDerived {
            _ = try stored(name)
        }
        models.remove(name)
        vectors.remove(name)
    }

    /// - Parameter field: the one that has the name.
    func requireFree(_ name: String, in field: String = "model") throws(APIError) {
        guard ModelStore.isName(name) else { throw .badModelName(name, in: field) }
        guard !models.names.contains(name), !vectors.names.contains(name) else { throw .modelExists(name, in: field) }
    }
}

// MARK: Models made of others

extension ModelKeeper {
    private func path(_ name: String) -> String { store.folder + "/" + ModelStore.fileName(name) + ".derived.json" }

    /// Writes it down, and serves it.
    func keep(_ derivation: Derivation) throws {
        let text = derivation.json.text(.pretty) + "\n"
        try FileManager.default.createDirectory(atPath: store.folder, withIntermediateDirectories: true)
        try text.write(toFile: path(derivation.name), atomically: true, encoding: .utf8)
        models.add(derivation)
    }

    private func forget(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    /// Those on the disk that can be read.
    private func derivations() -> [Derivation] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: store.folder)) ?? []
        return files.filter { $0.hasSuffix(".derived.json") }.sorted().compactMap { file in
            guard let data = try? Data(contentsOf: URL(filePath: store.folder + "/" + file)) else { return nil }
            return try? Derivation(JSONField(JSON(parsing: data)))
        }
    }
}

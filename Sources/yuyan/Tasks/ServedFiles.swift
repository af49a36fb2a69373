import ArgumentParser
import Bundles
import Checkpoints
import Inference
import Server

extension ServeSettings {
    /// The models that were named to be served, in their order, each once.
    func locate() throws -> [StoredModel] {
        var stored = try ([model] + moreModels).map { try ModelOptions.locate($0) }
        if servesAll { stored += try ModelStore().list().filter { ModelReport($0).problem == nil } }
        return stored.eachOnce
    }

    /// What the models are called that were named by themselves.
    var namedAtStart: [String] {
        ([model] + moreModels + embeddingModels).compactMap { try? ModelOptions.locate($0).name }
    }

    /// Those among them that make vectors, and those that were named for it.
    func makers(among stored: [StoredModel]) throws -> [StoredModel] {
        try (stored.filter(\.makesVectors) + embeddingModels.map { try ModelOptions.locate($0) }).eachOnce
    }

    /// The models that make vectors.
    ///
    /// - Parameter areAlone: whether the first is the server's first, which has its name and is never refused.
    func vectorModels(_ stored: [StoredModel], areAlone: Bool = false, on shelf: Shelf) -> VectorModels {
        var entries = stored.map { vectorEntry($0, $0.name) }
        if areAlone, let first = stored.first {
            entries[0] = vectorEntry(first, name ?? first.name)
            entries[0].item.bytes = min(first.bytes, ModelRoom.budget(self))
        }
        return VectorModels(entries, on: shelf)
    }

    /// A model that makes vectors, as it stands on the shelf.
    func vectorEntry(_ stored: StoredModel, _ name: String) -> VectorModels.Entry {
        let check = machine.fingerprints
        let item = Shelf.Item(vectors: name, bytes: stored.bytes, isPinned: pins(stored, as: name)) {
            let model = try VectorModel.open(stored, name: name, check: check)
            return VectorEngineService(VectorEngine(model), details: ModelDetails(at: stored.path))
        }
        return VectorModels.Entry(item, file: ModelFile(stored))
    }

    /// Refuses a pin of what is not served.
    func checkPins(among stored: [StoredModel]) throws {
        let names = stored.map(\.name) + [name].compactMap(\.self)
        guard let strange = pinned.first(where: { !names.contains($0) }) else { return }
        throw ValidationError("--pin \(strange) is no model of this server; it serves \(names.joined(separator: ", "))")
    }

    /// Whether a model is to stay open.
    func pins(_ stored: StoredModel, as name: String) -> Bool { pinned.contains(name) || pinned.contains(stored.name) }
}

extension StoredModel {
    /// Whether its files say that it makes vectors; what cannot be read is told when it is opened to talk.
    var makesVectors: Bool { (try? ModelBundle.makesVectors(at: path)) ?? false }
}

extension [StoredModel] {
    fileprivate var eachOnce: Self {
        var seen: Set<String> = []
        return filter { seen.insert($0.path).inserted }
    }
}

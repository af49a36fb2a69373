import Bundles
import Checkpoints
import Foundation

/// A model of the store or the catalogue, as `--json` prints it.
struct ModelReport: Encodable {
    let name: String
    var path, sha256, licence, kind, source: String?
    /// Of an adapter: the model beneath it, by its name or else its path.
    var base: String?
    var bytes: Int
    var context: Int?
    let isPulled: Bool
    /// What is wrong with the file, as far as can be seen without reading all of it.
    var problem: String?

    init(_ stored: StoredModel, catalogue: Catalogue = .builtIn) {
        let entry = catalogue[stored.name]
        (name, path, bytes, isPulled) = (stored.name, stored.path, stored.bytes, true)
        sha256 = stored.record?.sha256 ?? entry?.sha256
        licence = stored.record?.licence ?? entry?.licence
        kind = (stored.record?.kind ?? entry?.kind)?.rawValue
        context = stored.record?.context ?? entry?.context
        source = stored.record?.source
        problem = Self.problem(stored)
        if kind == nil { describe(stored) }
    }

    /// What nobody noted of a file, as the file itself tells it.
    private mutating func describe(_ stored: StoredModel) {
        if (try? ModelBundle.makesVectors(at: stored.path)) ?? false { kind = ModelKind.embedding.rawValue }
        guard let about = try? ModelDescription(GGUFFile(path: stored.path)) else { return }
        kind = kind ?? (about.hasChatTemplate ? ModelKind.chat : .base).rawValue
        licence = licence ?? about.licence
        context = context ?? about.context
    }

    /// - Parameter models: those of the store, one of which may be beneath it.
    init(adapter: StoredModel, among models: [StoredModel]) {
        var name = adapter.name
        do {
            let place = try AdapterBundle(path: adapter.path).basePath { try ModelStore().locate($0).path }
            let beneath = models.first { ModelRoom.canonical($0.path) == ModelRoom.canonical(place) }
            base = beneath?.name ?? place
            if let beneath { name = "\(beneath.name):\(name)" }
        } catch { problem = "\(error)" }
        (self.name, path, bytes, kind, isPulled) = (name, adapter.path, adapter.bytes, "adapter", true)
    }

    init(_ entry: CatalogueEntry) {
        (name, bytes, isPulled) = (entry.name, entry.bytes, false)
        (sha256, licence, kind, context) = (entry.sha256, entry.licence, entry.kind.rawValue, entry.context)
    }
}

extension ModelReport {
    private static func problem(_ stored: StoredModel) -> String? {
        let isOther = stored.record?.kind == .embedding || (try? ModelBundle.isEncoder(at: stored.path)) ?? false
        if !isOther, (try? GGUFFile(path: stored.path)) == nil {
            // Of a GGUF file this says once more what is wrong with it.
            do { _ = try ModelBundle.open(stored.path, check: .ignored) } catch { return "\(error)" }
        }
        return stored.isChanged ? "touched since it was verified; it is verified again when it is used" : nil
    }
}

/// JSON with sorted keys and a line end.
func encoded(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}

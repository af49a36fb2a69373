import Bundles
import Checkpoints
import Foundation
import Inference

/// An adapter that a command names, and the model beneath it.
struct NamedAdapter {
    let base: StoredModel, path: String

    /// - Parameter name: `model:adapter`, the adapter's own name in the store or that of a run, or its folder.
    /// - Returns: nil for what is no adapter.
    static func find(_ name: String, in store: ModelStore = ModelStore()) throws -> NamedAdapter? {
        do {
            let stored = try store.locate(name)
            return StoredModel.isAdapter(stored.path) ? try NamedAdapter(alone: stored.path, store) : nil
        } catch let error as StoreError {
            if case .notPulled = error { throw error }
            if let adapter = store.adapter(name) { return try NamedAdapter(alone: adapter.path, store) }
            guard let found = try parts(name, store) else { throw error }
            return found
        }
    }

    private init(_ base: StoredModel, _ path: String) { (self.base, self.path) = (base, path) }

    private init(alone path: String, _ store: ModelStore) throws {
        let place = try AdapterBundle(path: path).basePath { try store.locate($0).path }
        self.init(try store.locate(place), path)
    }

    /// The model before a colon, and the adapter after it: its name or its folder.
    private static func parts(_ name: String, _ store: ModelStore) throws -> NamedAdapter? {
        for colon in name.indices where name[colon] == ":" {
            let own = String(name[name.index(after: colon)...])
            guard let base = try? store.locate(String(name[..<colon])), !own.isEmpty else { continue }
            let folder = (own as NSString).expandingTildeInPath
            if let path = store.adapter(own)?.path ?? (StoredModel.isAdapter(folder) ? folder : nil) {
                return NamedAdapter(base, path)
            }
            let known = store.adapters().map(\.name).joined(separator: ", ")
            let there = known.isEmpty ? "no adapter is here" : "the adapters here are \(known)"
            throw BadInput("\(name): there is no adapter \(own) over \(base.name); \(there). yuyan list shows them")
        }
        return nil
    }
}

extension Machine {
    /// Opens the model of that name or path, or the default one; an adapter over its base, as a server has it.
    func open(named name: String?) throws -> ServedModel {
        guard let name, let adapter = try NamedAdapter.find(name) else { return try open(ModelOptions.locate(name)) }
        let beneath = try open(adapter.base)
        return try naming(adapter.path) { try beneath.adapted(named: name, by: adapter.path) }
    }
}

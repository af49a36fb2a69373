import Bundles
import Checkpoints
import Foundation
import Server

extension ModelRoom {
    /// A model that was tuned here: an adapter shares its model's engine.
    func item(_ tuned: TunedModel) throws -> Shelf.Item {
        var item = Self.item(try ModelStore().locate(tuned.url.path), tuned.name, over: items, settings)
        // A model of its own has a cache like its root's.
        if item.base == nil { item.bytes += items.values.first { $0.name == tuned.root }?.bytes ?? 0 }
        return item
    }

    /// The models, and adapters over them: those of the command line, and those of the store that were made over one of them.
    ///
    /// - Parameter storage: where models are that were tuned here.
    func adapted(_ models: any ModelDirectory, _ storage: ServerStorage?) throws -> AdaptedModels {
        AdaptedModels(
            over: models,
            try asked() + stored(),
            on: shelf,
            finding: AdaptedModels.Finder(
                path: { ModelStore().adapter($0)?.path },
                item: { adapter in
                    let base = try items.values.first { $0.name == adapter.base } ?? beneath(adapter.base, storage)
                    return try Self.item(adapter: adapter.path, adapter.title, over: base)
                }
            )
        )
    }

    private func beneath(_ name: String, _ storage: ServerStorage?) throws -> Shelf.Item {
        guard let tuned = storage?.tuned.find(name) else {
            throw BadInput("\(name) is an adapter itself, and none goes over another: take the model beneath it")
        }
        let item = try item(tuned)
        guard item.base == nil else {
            throw BadInput("\(name) is an adapter itself, and none goes over another: take \(tuned.root)")
        }
        return item
    }

    /// Those of `--adapter`.
    private func asked() throws -> [AdaptedModels.Adapter] {
        try settings.adapters.map { text in
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw BadInput("--adapter \(text): say NAME=PATH, or MODEL:NAME=PATH where several models are served")
            }
            let base = models.names.filter { parts[0].hasPrefix($0 + ":") }.max { $0.count < $1.count }
            let name = base.map { String(parts[0].dropFirst($0.count + 1)) } ?? parts[0]
            let path = ModelStore().adapter(parts[1])?.path ?? (parts[1] as NSString).expandingTildeInPath
            _ = try AdapterBundle(path: path)
            return AdaptedModels.Adapter(name: name, base: base ?? models.names[0], path: path)
        }
    }

    /// Adapters of the store over one of the models.
    private func stored() -> [AdaptedModels.Adapter] {
        ModelStore().adapters().compactMap { stored in
            guard let adapter = try? AdapterBundle(path: stored.path),
                let base = try? adapter.basePath(resolving: { try ModelStore().locate($0).path }),
                let item = items[Self.canonical(base)]
            else { return nil }
            return AdaptedModels.Adapter(name: stored.name, base: item.name, path: stored.path)
        }
    }
}

import Synchronization

/// The models of another directory, and adapters over them, which answer as `model:adapter`.
///
/// Adapters are made known at the start or while the server runs, and opened by the first request for them; one that was not made
/// known is looked for in the store, by its name. They stand on the shelf over their models, whose batches they share.
public final class AdaptedModels: ModelDirectory {
    /// An adapter that is known, or was found.
    public struct Adapter: Sendable {
        /// What it is called beside its model.
        public var name: String
        /// The name of its model.
        public var base: String
        /// Where it lies.
        public var path: String
        /// When its files were changed last, in seconds of the Unix epoch.
        let created: Int

        public init(name: String, base: String, path: String) {
            (self.name, self.base, self.path) = (name, base, path)
            let modified = ModelFile.modified(path)
            created = modified > 0 ? modified : ModelFile.start
        }

        /// What requests call it.
        public var title: String { base + ":" + name }
    }

    /// How adapters are found and opened; for those who know stores and files.
    public struct Finder: Sendable {
        /// Returns where the adapter of that name lies in the store; nil where there is none.
        public var path: @Sendable (_ name: String) throws -> String?
        /// Says of an adapter what it takes and how it is opened.
        public var item: @Sendable (Adapter) throws -> Shelf.Item

        public init(
            path: @escaping @Sendable (_ name: String) throws -> String?,
            item: @escaping @Sendable (Adapter) throws -> Shelf.Item
        ) {
            (self.path, self.item) = (path, item)
        }
    }

    private let standing: any ModelDirectory
    private let shelf: Shelf
    private let finder: Finder
    private let state: Mutex<State>

    private struct State {
        var known: [Adapter]
        /// What those were called that clients have unloaded: though the store has them, they answer once they are loaded again.
        var unloaded: Set<String> = []
    }

    /// - Parameter known: adapters over models of `standing`.
    public init(over standing: any ModelDirectory, _ known: [Adapter] = [], on shelf: Shelf, finding finder: Finder) {
        (self.standing, self.shelf, self.finder) = (standing, shelf, finder)
        state = Mutex(State(known: known))
    }

    public var names: [String] { standing.names + state.withLock { $0.known.map(\.title) } }

    public var open: [any GenerativeModel] {
        let names = Set(state.withLock { $0.known.map(\.title) }), open = standing.open
        let others = Set(open.map(\.card.name))
        return open
            + shelf.open.filter { model in
                let name = model.card.name, wasFound = model.card.parent != nil && split(name) != nil
                return (names.contains(name) || wasFound) && !others.contains(name)
            }
    }

    /// Opens what stands; adapters wait for their first request.
    public func prepare() async throws { try await standing.prepare() }

    public var isReady: Bool { standing.isReady }

    public func keep(_ name: String, for duration: Duration?) {
        if let title = title(name) { return shelf.keep(title, for: duration) }
        standing.keep(name, for: duration)
    }

    public func holding(_ name: String) -> Holding? {
        title(name).flatMap { shelf.holding($0) } ?? standing.holding(name)
    }

    public func model(named name: String) async throws -> (any GenerativeModel)? {
        if let adapter = known(name) { return try await model(adapter) }
        if let model = try await standing.model(named: name) { return model }
        guard let adapter = try found(name) else { return nil }
        return try await model(adapter)
    }

    public func describe(_ name: String) async throws -> ModelListing? {
        let standing = known(name) == nil ? try await standing.describe(name) : nil
        guard standing == nil, let adapter = try known(name) ?? found(name) else { return standing }
        let beneath = try await self.standing.describe(adapter.base)
        var listing = ModelListing(
            name: adapter.title,
            created: adapter.created,
            parent: adapter.base,
            root: beneath?.root ?? adapter.base,
            card: beneath?.card
        )
        listing.file = beneath?.file
        return listing
    }

    /// An adapter is forgotten; its files stay.
    public func delete(_ name: String) async throws -> Bool {
        if forget(name) { return true }
        return try await standing.delete(name)
    }
}

extension AdaptedModels {
    /// Makes an adapter known, and opens it, so that whatever is wrong with it is told at once.
    ///
    /// - Parameters:
    ///   - name: what requests shall call it, `model:` before it or not.
    ///   - path: its folder, or its name in the store.
    ///   - base: the name of its model; nil: the one in its name, else the default model.
    ///   - replaces: whether it takes the place of one with that name.
    func load(_ name: String, from path: String, over base: String?, replacing replaces: Bool) async throws -> Adapter {
        let named = split(name), model = base ?? named?.base ?? standing.names.first ?? ""
        guard standing.names.contains(model) else {
            throw APIError.modelNotFound(model, served: standing.names, in: "base_model_name")
        }
        let own = named.map { $0.base == model ? $0.adapter : name } ?? name
        let place = try finder.path(path) ?? path
        let adapter = Adapter(name: own, base: model, path: place)
        guard replaces || known(adapter.title) == nil else { throw APIError.adapterIsLoaded(adapter.title) }
        guard !standing.names.contains(adapter.title) else {
            throw APIError.invalid("lora_name", "'\(adapter.title)' is the name of a model. Take another.")
        }
        let item = try item(adapter, in: "lora_path")
        if replaces { shelf.drop(adapter.title) }
        _ = try await open(item, in: "lora_path")
        state.withLock { state in
            state.known.removeAll { $0.title == adapter.title }
            state.known.append(adapter)
            state.unloaded.remove(adapter.title)
        }
        return adapter
    }

    /// Whoever is being answered by it is answered to the end; returns false where none has that name.
    func forget(_ name: String) -> Bool {
        guard let adapter = known(name) else { return false }
        state.withLock { state in
            state.known.removeAll { $0.title == adapter.title }
            state.unloaded.insert(adapter.title)
        }
        shelf.drop(adapter.title)
        return true
    }

    /// An adapter by what it is called, the model before it or, where no other adapter and no model has that name, not.
    private func known(_ name: String) -> Adapter? {
        state.withLock { state in
            if let adapter = state.known.first(where: { $0.title == name }) { return adapter }
            let others = state.known.filter { $0.name == name }
            return others.count == 1 && !standing.names.contains(name) ? others[0] : nil
        }
    }

    /// What the shelf calls an adapter that is known, or was found in the store.
    private func title(_ name: String) -> String? {
        known(name)?.title ?? (split(name) != nil && !standing.names.contains(name) ? name : nil)
    }

    /// The model and the adapter of a name, where it begins with the name of a model.
    private func split(_ name: String) -> (base: String, adapter: String)? {
        let bases = standing.names.filter { name.hasPrefix($0 + ":") && name.count > $0.count + 1 }
        return bases.max { $0.count < $1.count }.map { ($0, String(name.dropFirst($0.count + 1))) }
    }

    /// An adapter of the store that nobody has made known, nor unloaded; nil where the store has none of that name.
    private func found(_ name: String) throws -> Adapter? {
        guard let (base, own) = split(name), !own.contains("/"), !own.hasPrefix(".") else { return nil }
        guard !state.withLock({ $0.unloaded.contains(name) }) else { return nil }
        return try finder.path(own).map { Adapter(name: own, base: base, path: $0) }
    }

    private func model(_ adapter: Adapter) async throws -> any GenerativeModel { try await open(item(adapter)) }

    /// - Parameter field: the one of the request that names it.
    private func item(_ adapter: Adapter, in field: String = "model") throws -> Shelf.Item {
        do { return try finder.item(adapter) } catch { throw APIError.adapterRefused(adapter.title, error, in: field) }
    }

    private func open(_ item: Shelf.Item, in field: String = "model") async throws -> any GenerativeModel {
        do { return try await shelf.model(item) } catch let error as CannotOpen where error.name == item.name {
            throw APIError.adapterRefused(item.name, error.cause, in: field)
        }
    }
}

extension APIError {
    /// What is wrong with an adapter, as those who read its files tell it.
    fileprivate static func adapterRefused(_ name: String, _ error: any Error, in field: String) -> any Error {
        guard !(error is APIError), !(error is CancellationError) else { return error }
        let message = "The adapter '\(name)' cannot be used: \(error).".withoutFolders
        return APIError.invalid(field, message, code: "adapter_refused")
    }

    fileprivate static func adapterIsLoaded(_ name: String) -> APIError {
        .invalid("lora_name", "The adapter '\(name)' is loaded already. Unload it first, or set 'load_inplace'.")
    }
}

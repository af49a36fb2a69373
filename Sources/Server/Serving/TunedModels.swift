import Inference

/// The models a server is started with, and those that its jobs made, which are opened by the first request for them.
///
/// They stand on the shelf of the others, or on one of their own. Checkpoints can be asked for by their names too, though they
/// are not listed.
public final class TunedModels: ModelDirectory {
    private let standing: any ModelDirectory
    private let storage: ServerStorage
    private let shelf: Shelf
    private let item: @Sendable (TunedModel) throws -> Shelf.Item

    /// - Parameter item: what the model takes, and how it is opened: reads what the trainer left and starts an engine whose card
    ///   has the model's name; it runs on a thread of its own, once however many ask. What it throws, the request gets as 503
    ///   without the folders, and the log as it is.
    public init(
        over standing: any ModelDirectory,
        in storage: ServerStorage,
        on shelf: Shelf,
        item: @escaping @Sendable (TunedModel) throws -> Shelf.Item
    ) {
        (self.standing, self.storage, self.shelf, self.item) = (standing, storage, shelf, item)
    }

    public var names: [String] {
        standing.names + storage.tuned.all.filter { $0.step == nil }.map(\.name)
    }

    public var open: [any GenerativeModel] {
        let names = Set(standing.open.map(\.card.name))
        return standing.open + shelf.open.filter { !names.contains($0.card.name) }
    }

    public func prepare() async throws { try await standing.prepare() }

    public var isReady: Bool { standing.isReady }

    public func keep(_ name: String, for duration: Duration?) {
        standing.keep(name, for: duration)
        if storage.tuned.find(name) != nil { shelf.keep(name, for: duration) }
    }

    public func holding(_ name: String) -> Holding? { standing.holding(name) ?? shelf.holding(name) }

    public func model(named name: String) async throws -> (any GenerativeModel)? {
        if let model = try await standing.model(named: name) { return model }
        guard let tuned = storage.tuned.find(name) else { return nil }
        let item: Shelf.Item
        do { item = try self.item(tuned) } catch { throw CannotOpen.telling(error, of: name) }
        return try await shelf.model(item)
    }

    public func describe(_ name: String) async throws -> ModelListing? {
        if let listing = try await standing.describe(name) { return listing }
        guard let tuned = storage.tuned.find(name) else { return nil }
        let root = try await standing.describe(tuned.root)
        var listing = ModelListing(
            name: name,
            created: tuned.created,
            parent: tuned.parent,
            root: tuned.root,
            card: shelf.open.first { $0.card.name == name }?.card ?? root?.card
        )
        listing.file = root?.file
        return listing
    }

    /// Whoever is being answered by it is answered to the end.
    public func delete(_ name: String) async throws -> Bool {
        guard storage.tuned.find(name) != nil else { return try await standing.delete(name) }
        let isDeleted = try await storage.run { [storage] in try storage.tuned.remove(name) }
        shelf.drop(name)
        return isDeleted
    }
}

import Synchronization

/// Several models behind one port, each opened by the first who asks for it; the first one, which answers those who name none,
/// and those that are pinned are opened at the start.
public final class ShelvedModels: ModelDirectory {
    /// A model, and what is known of it before it is open.
    public struct Entry: Sendable {
        public var item: Shelf.Item
        public var card: ModelCard?

        public init(_ item: Shelf.Item, card: ModelCard? = nil) { (self.item, self.card) = (item, card) }
    }

    public let shelf: Shelf
    private let entries: [Entry]

    /// - Parameter entries: at least one; of several with one name the first counts.
    public init(_ entries: [Entry], on shelf: Shelf) {
        precondition(!entries.isEmpty, "ShelvedModels: no model")
        var names: Set<String> = []
        self.entries = entries.filter { names.insert($0.item.name).inserted }
        self.shelf = shelf
    }

    public var names: [String] { entries.map(\.item.name) }

    public var open: [any GenerativeModel] {
        let names = Set(names + entries.compactMap(\.item.base?.name))
        return shelf.open.filter { names.contains($0.card.name) }
    }

    public func model(named name: String) async throws -> (any GenerativeModel)? {
        guard let entry = entries.first(where: { $0.item.name == name }) else { return nil }
        return try await shelf.model(entry.item)
    }

    public func prepare() async throws {
        for (index, entry) in entries.enumerated() where index == 0 || entry.item.isPinned {
            _ = try await shelf.model(entry.item)
        }
    }

    public func describe(_ name: String) async throws -> ModelListing? {
        guard let entry = entries.first(where: { $0.item.name == name }) else { return nil }
        let card = open.first { $0.card.name == name }?.card ?? entry.card, base = entry.item.base?.name
        return ModelListing(name: name, created: card?.created ?? 0, parent: base, root: base, card: card)
    }
}

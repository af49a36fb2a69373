import Synchronization

/// The models that make vectors and scores, each opened by the first who asks; those that are pinned are opened at the start. They
/// share a shelf, and its memory, with those that talk.
public final class VectorModels: Sendable {
    public typealias Entry = ShelvedModels.Entry

    private let entries: Mutex<[Entry]>
    private let shelf: Shelf
    private let hasPrepared = Atomic(false)

    /// No models.
    public static let none = VectorModels([], on: Shelf())

    /// - Parameter entries: the default model first; of several with one name the first counts.
    public init(_ entries: [Entry], on shelf: Shelf) {
        precondition(entries.allSatisfy { $0.item.kind == .makesVectors }, "VectorModels: a model that talks")
        var names: Set<String> = []
        self.entries = Mutex(entries.filter { names.insert($0.item.name).inserted })
        self.shelf = shelf
    }

    public var names: [String] { entries.withLock { $0.map(\.item.name) } }

    /// Those that are open now, the one used last at the end.
    public var open: [any VectorService] {
        let names = Set(names)
        return shelf.openVectors.filter { names.contains($0.card.name) }
    }

    /// Opens those that are pinned.
    public func prepare() async throws {
        for entry in entries.withLock(\.self) where entry.item.isPinned { _ = try await model(entry) }
        hasPrepared.store(true, ordering: .relaxed)
    }

    /// Whether what should be open at the start has been.
    var isReady: Bool { hasPrepared.load(ordering: .relaxed) || !open.isEmpty }

    /// - Parameter ranking: whether of several models the first that scores texts is wanted, where no name says otherwise.
    func find(_ name: String?, ranking: Bool = false) async throws -> any VectorService {
        if let name {
            guard let entry = entry(name) else { throw APIError.noSuchVectors(name, others: names) }
            return try await model(entry)
        }
        for entry in entries.withLock(\.self) where !ranking || entry.card?.ranks ?? true {
            let model = try await model(entry)
            if !ranking || model.ranks { return model }
        }
        return try await find(names.first ?? "")
    }

    /// What is known of the model of that name, which need not be open; nil where there is none.
    func describe(_ name: String) -> ModelListing? {
        guard let entry = entry(name) else { return nil }
        var listing = ModelListing(name: name, created: entry.created, card: entry.card)
        (listing.file, listing.makesVectors) = (entry.file, true)
        return listing
    }

    /// A line for every name.
    var listings: [ModelListing] { names.compactMap(describe) }

    /// As ``ModelDirectory/keep(_:for:)``.
    func keep(_ name: String, for duration: Duration?) { shelf.keep(name, .makesVectors, for: duration) }

    func holding(_ name: String) -> Holding? { shelf.holding(name, .makesVectors) }

    private func entry(_ name: String) -> Entry? { entries.withLock { $0.first { $0.item.name == name } } }

    /// What it tells of itself is known from then on.
    private func model(_ entry: Entry) async throws -> any VectorService {
        let model = try await shelf.vectorModel(entry.item)
        entries.withLock { entries in
            guard let index = entries.firstIndex(where: { $0.item.name == entry.item.name }) else { return }
            entries[index].card = model.card
        }
        return model
    }
}

// MARK: Joining and leaving

extension VectorModels {
    /// A model joins; one of the same name leaves.
    func add(_ entry: Entry) {
        remove(entry.item.name)
        entries.withLock { $0.append(entry) }
    }

    func remove(_ name: String) {
        entries.withLock { $0.removeAll { $0.item.name == name } }
        shelf.drop(name, .makesVectors)
    }
}

import Inference
import Synchronization

/// The models a server is started with, and those that its jobs made, which are opened by the first request for them.
///
/// At most `limit` of these are open at once: when one more is asked for, the one that has been idle longest is let go. One that
/// is answering is never let go, so under load there may be more for a while. Checkpoints can be asked for by their names
/// too, though they are not listed.
public final class TunedModels: ModelDirectory {
    private let standing: any ModelDirectory
    private let storage: ServerStorage
    private let limit: Int
    private let opening: @Sendable (TunedModel) throws -> any GenerativeModel
    private let shelf = Mutex(Shelf())

    /// - Parameter opening: reads what the trainer left and starts an engine whose card has the model's name; it runs on a
    ///   thread of its own, once however many ask. What it throws, the request gets as 500 and the log as it is.
    public init(
        over standing: any ModelDirectory,
        in storage: ServerStorage,
        limit: Int = 2,
        opening: @escaping @Sendable (TunedModel) throws -> any GenerativeModel
    ) {
        precondition(limit > 0, "TunedModels: at least one model must be open at a time, not \(limit)")
        (self.standing, self.storage, self.limit, self.opening) = (standing, storage, limit, opening)
    }

    public var names: [String] {
        standing.names + storage.tuned.all.filter { $0.step == nil }.map(\.name)
    }

    public var open: [any GenerativeModel] { standing.open + shelf.withLock(\.open) }

    public func prepare() async throws { try await standing.prepare() }

    public func model(named name: String) async throws -> (any GenerativeModel)? {
        if let model = try await standing.model(named: name) { return model }
        guard let tuned = storage.tuned.find(name) else { return nil }
        let task = shelf.withLock { $0.take(tuned, limit: limit, opening) }
        do {
            let model = try await task.value
            shelf.withLock { $0.opened(model, name, by: task) }
            return model
        } catch {
            shelf.withLock { $0.drop(name, by: task) }
            throw error
        }
    }

    public func describe(_ name: String) async throws -> ModelListing? {
        if let listing = try await standing.describe(name) { return listing }
        guard let tuned = storage.tuned.find(name) else { return nil }
        let card: ModelCard? =
            if let model = shelf.withLock({ $0.open.first { $0.card.name == name } }) { model.card } else {
                try await standing.model(named: tuned.root)?.card
            }
        return ModelListing(
            name: name,
            created: tuned.created,
            parent: tuned.parent,
            root: tuned.root,
            card: card
        )
    }

    /// Whoever is being answered by it is answered to the end.
    public func delete(_ name: String) async throws -> Bool {
        guard storage.tuned.find(name) != nil else { return try await standing.delete(name) }
        let isDeleted = try await storage.run { [storage] in try storage.tuned.remove(name) }
        shelf.withLock { $0.drop(name) }
        return isDeleted
    }
}

/// What is open or opening, the one used last at the end.
private struct Shelf {
    private struct Place {
        let name: String
        let task: Task<any GenerativeModel, any Error>
        var model: (any GenerativeModel)?

        var isIdle: Bool {
            guard let statistics = model?.statistics else { return false }
            return statistics.running + statistics.waiting == 0
        }
    }

    private var places: [Place] = []

    var open: [any GenerativeModel] { places.compactMap(\.model) }

    mutating func take(
        _ tuned: TunedModel,
        limit: Int,
        _ opening: @escaping @Sendable (TunedModel) throws -> any GenerativeModel
    ) -> Task<any GenerativeModel, any Error> {
        if let index = places.firstIndex(where: { $0.name == tuned.name }) {
            places.append(places.remove(at: index))
        } else {
            makeRoom(limit - 1)
            let task = Task { try await OneModel.onThread { try opening(tuned) } }
            places.append(Place(name: tuned.name, task: task))
        }
        return places[places.count - 1].task
    }

    private mutating func makeRoom(_ most: Int) {
        while places.count > most, let index = places.firstIndex(where: \.isIdle) { places.remove(at: index) }
    }

    mutating func opened(_ model: any GenerativeModel, _ name: String, by task: Task<any GenerativeModel, any Error>) {
        guard let index = places.firstIndex(where: { $0.name == name && $0.task == task }) else { return }
        places[index].model = model
    }

    mutating func drop(_ name: String, by task: Task<any GenerativeModel, any Error>? = nil) {
        places.removeAll { $0.name == name && (task == nil || $0.task == task) }
    }
}

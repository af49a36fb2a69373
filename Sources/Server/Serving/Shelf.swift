import Synchronization

/// The models that are open, and how much of the memory they may take together.
///
/// A model is opened once, however many ask for it. Where the budget does not hold one more, those that have been idle longest
/// are let go; one that answers never is, nor one that is pinned. Whoever is being answered by a model that is let go all the same
/// is answered to the end.
///
/// A model may stand *over* another, whose engine and weights it shares: an adapter. It is opened after that one and goes with it.
public final class Shelf: Sendable {
    let budget: Int
    private let patience: Duration?
    private let places = Mutex<[Place]>([])
    private let trim: @Sendable () -> Void

    /// - Parameters:
    ///   - budget: bytes for all models together.
    ///   - idle: how long a model may be idle before it is let go; nil: until its room is wanted.
    ///   - trim: gives memory that nobody holds any more back to the system.
    public init(budget: Int = .max, idle: Duration? = nil, trim: @escaping @Sendable () -> Void = {}) {
        (self.budget, patience, self.trim) = (budget, idle, trim)
    }

    /// Those that are open and talk, the one used last at the end.
    public var open: [any GenerativeModel] { places.withLock { $0.compactMap(\.model?.talker) } }

    /// Those that are open and make vectors, the one used last at the end.
    var openVectors: [any VectorService] { places.withLock { $0.compactMap(\.model?.vectors) } }

    /// The model that talks, opened if it is not.
    ///
    /// - Throws: ``CannotOpen``, or a refusal where there is no room for it.
    public func model(_ item: Item) async throws -> any GenerativeModel {
        sweep()
        guard let model = try await open(item).model.talker else { preconditionFailure("\(item.name) makes vectors") }
        return model
    }

    /// The model that makes vectors, opened if it is not; throws as ``model(_:)``.
    func vectorModel(_ item: Item) async throws -> any VectorService {
        sweep()
        guard let model = try await open(item).model.vectors else { preconditionFailure("\(item.name) talks") }
        return model
    }

    private func open(_ item: Item) async throws -> (task: Opened, model: OpenModel) {
        let task = try await task(item)
        do {
            let model = try await task.value
            places.withLock { places in
                guard let index = places.firstIndex(where: { $0.task == task }) else { return }
                (places[index].model, places[index].used) = (model, .now)
            }
            return (task, model)
        } catch {
            places.withLock { $0.removeAll { $0.task == task } }  // whoever comes next may try again
            throw CannotOpen.telling(error, of: item.name)
        }
    }

    /// Lets a model go, with what stands over it.
    public func drop(_ name: String, _ kind: Item.Kind = .talks) {
        let id = Item.ID(name: name, kind: kind)
        places.withLock { $0.removeAll { $0.item.id == id || $0.base == id } }
        trim()
    }

    /// Lets those go that have been idle for too long; who answers now is in use now.
    public func sweep(at now: ContinuousClock.Instant = .now) {
        let gone = places.withLock { places in
            let before = places.count
            for index in places.indices where !places[index].isIdle { places[index].used = now }
            for place in places where places.isOver(place, patience, at: now) { places.lose(place) }
            return before - places.count
        }
        if gone > 0 { trim() }
    }

    /// Sweeps from time to time until the task ends.
    public func sweepOften() async throws {
        guard let patience else { return }
        while true {
            try await Task.sleep(for: max(.milliseconds(100), min(patience / 4, .seconds(30))))
            sweep()
        }
    }
}

// MARK: On a client's word

extension Shelf {
    /// Keeps a model that is open for that long after it was last used, whatever the others get; zero lets it go now, nil keeps
    /// it until its room is wanted. One that is pinned and not to be released stays as it is.
    public func keep(_ name: String, _ kind: Item.Kind = .talks, for duration: Duration?) {
        let id = Item.ID(name: name, kind: kind)
        if duration == .zero {
            let gone = places.withLock { places in
                places.first { $0.item.id == id && $0.item.isReleasable }.map { places.lose($0) }
            }
            if gone != nil { trim() }
            return
        }
        places.withLock { places in
            guard let index = places.firstIndex(where: { $0.item.id == id }) else { return }
            places[index].keeping = .told(duration)
        }
        guard let duration else { return }
        Task { [weak self] in
            try await Task.sleep(for: duration + .milliseconds(20))
            self?.sweep()
        }
    }

    /// What an open model takes, and when it is let go if nobody asks for it.
    public func holding(_ name: String, _ kind: Item.Kind = .talks) -> Holding? {
        let id = Item.ID(name: name, kind: kind)
        return places.withLock { places in
            places.first { $0.item.id == id && $0.model != nil }.map { place in
                let left = place.expiry(patience).map { $0 - .now }
                return Holding(bytes: place.item.bytes, timeLeft: left)
            }
        }
    }
}

/// How an open model is held in memory.
public struct Holding: Sendable, Hashable {
    public var bytes: Int
    /// Until it is let go; nil: not by the clock.
    public var timeLeft: Duration?
}

extension Shelf {
    fileprivate struct Place {
        /// For how long a model is kept after its last use.
        enum Keeping { case asAll, told(Duration?) }

        let item: Item, task: Opened
        var model: OpenModel?
        var used = ContinuousClock.now
        var keeping = Keeping.asAll

        func expiry(_ patience: Duration?) -> ContinuousClock.Instant? {
            switch keeping {
            case .asAll: item.isPinned ? nil : patience.map { used + $0 }
            case .told(let duration): item.isReleasable ? duration.map { used + $0 } : nil
            }
        }

        var isIdle: Bool { model?.isIdle ?? false }
        /// What it stands over.
        var base: Item.ID? { item.base?.id }
    }

    fileprivate typealias Opened = Task<OpenModel, any Error>

    private func task(_ item: Item) async throws -> Opened {
        let base: Item, adapt: @Sendable (any GenerativeModel) throws -> any GenerativeModel
        switch item.source {
        case .alone(let open): return try places.withLock { try take(item, &$0, open) }
        case .over(let beneath, let make): (base, adapt) = (beneath, make)
        }
        while true {
            let (beneath, opened) = try await open(base)
            guard let model = opened.talker else { preconditionFailure("\(item.name) stands over \(base.name)") }
            let task = try places.withLock { places -> Opened? in
                // It may have made room for others meanwhile.
                guard places.contains(where: { $0.task == beneath }) else { return nil }
                return try take(item, &places) { .talks(try adapt(model)) }
            }
            if let task { return task }
            try Task.checkCancellation()
        }
    }

    private func take(_ item: Item, _ places: inout [Place], _ open: @escaping Item.Opening) throws -> Opened {
        if let index = places.firstIndex(where: { $0.item.id == item.id }) {
            var place = places.remove(at: index)
            place.used = .now
            places.append(place)
            return place.task
        }
        try makeRoom(for: item, &places)
        let task = Task { try await OneModel.onThread(open) }
        places.append(Place(item: item, task: task))
        return task
    }

    private func makeRoom(for item: Item, _ places: inout [Place]) throws {
        let staying = places.filter { places.isPinned($0) || $0.item.id == item.base?.id }
        let pinned = staying.reduce(0) { $0 + $1.item.bytes }
        if let refusal = refusal(of: item, pinned: pinned) { throw refusal }
        var held = places.reduce(0) { $0 + $1.item.bytes }, gone = false
        while held > budget - item.bytes {
            let idle = places.first { places.canLose($0) && $0.item.id != item.base?.id }
            guard let idle else { throw APIError.noRoom(item, of: budget, held: held) }
            held -= places.lose(idle)
            gone = true
        }
        if gone { trim() }
    }
}

extension [Shelf.Place] {
    private func over(_ place: Element) -> Self { filter { $0.base == place.item.id } }

    /// Whether it stays, for itself or for the sake of what stands over it.
    fileprivate func isPinned(_ place: Element) -> Bool { place.item.isPinned || over(place).contains(where: isPinned) }

    /// Whether it may go, with what stands over it.
    fileprivate func canLose(_ place: Element) -> Bool {
        place.isIdle && !place.item.isPinned && over(place).allSatisfy(canLose)
    }

    /// Whether its time is over and nothing that stands over it has to stay.
    fileprivate func isOver(_ place: Element, _ patience: Duration?, at now: ContinuousClock.Instant) -> Bool {
        guard place.isIdle, let expiry = place.expiry(patience) else { return false }
        return expiry <= now && over(place).allSatisfy(canLose)
    }

    /// Lets it go, with what stands over it; returns how many bytes that was.
    @discardableResult
    fileprivate mutating func lose(_ place: Element) -> Int {
        guard let index = firstIndex(where: { $0.item.id == place.item.id }) else { return 0 }
        var bytes = remove(at: index).item.bytes
        for other in over(place) { bytes += lose(other) }
        return bytes
    }
}

import Foundation
import HTTPTypes
import Inference
import Synchronization

/// The models that are open, and how much of the memory they may take together.
///
/// A model is opened once, however many ask for it. Where the budget does not hold one more, those that have been idle longest
/// are let go; one that answers never is, nor one that is pinned. Whoever is being answered by a model that is let go all the same
/// is answered to the end.
///
/// A model may stand *over* another, whose engine and weights it shares: an adapter. It is opened after that one and goes with it.
public final class Shelf: Sendable {
    public typealias Opening = @Sendable () throws -> any GenerativeModel

    /// A model that can be opened.
    public struct Item: Sendable {
        public var name: String
        /// What it takes of the memory: weights, and the most that its cache can become.
        public var bytes: Int
        /// Whether it stays open.
        public var isPinned: Bool
        /// Whether a client may let it go all the same.
        public var isReleasable: Bool
        var source: Source

        /// - Parameter isReleasable: what is not pinned is, unless told.
        public init(
            name: String,
            bytes: Int,
            isPinned: Bool = false,
            isReleasable: Bool? = nil,
            open: @escaping Opening
        ) {
            (self.name, self.bytes, self.isPinned, source) = (name, bytes, isPinned, .alone(open))
            self.isReleasable = isReleasable ?? !isPinned
        }

        /// - Parameter open: makes it of the model beneath.
        public init(
            name: String,
            bytes: Int,
            isPinned: Bool = false,
            over base: Item,
            open: @escaping @Sendable (any GenerativeModel) throws -> any GenerativeModel
        ) {
            (self.name, self.bytes, self.isPinned, source) = (name, bytes, isPinned, .over(base, open))
            isReleasable = !isPinned
        }

        /// The model beneath.
        public var base: Item? { if case .over(let base, _) = source { base } else { nil } }

        indirect enum Source: Sendable {
            case alone(Opening)
            case over(Item, @Sendable (any GenerativeModel) throws -> any GenerativeModel)
        }
    }

    private let budget: Int, patience: Duration?
    private let places = Mutex<[Place]>([])
    private let trim: @Sendable () -> Void

    /// - Parameters:
    ///   - budget: bytes for all models together.
    ///   - idle: how long a model may be idle before it is let go; nil: until its room is wanted.
    ///   - trim: gives memory that nobody holds any more back to the system.
    public init(budget: Int = .max, idle: Duration? = nil, trim: @escaping @Sendable () -> Void = {}) {
        (self.budget, patience, self.trim) = (budget, idle, trim)
    }

    /// Those that are open, the one used last at the end.
    public var open: [any GenerativeModel] { places.withLock { $0.compactMap(\.model) } }

    /// The model, opened if it is not.
    public func model(_ item: Item) async throws -> any GenerativeModel {
        sweep()
        return try await open(item).model
    }

    private func open(_ item: Item) async throws -> (task: Opened, model: any GenerativeModel) {
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
            throw error
        }
    }

    /// Lets a model go.
    public func drop(_ name: String) {
        places.withLock { $0.removeAll { $0.item.name == name || $0.base == name } }
        trim()
    }

    /// Lets those go that have been idle for too long.
    public func sweep(at now: ContinuousClock.Instant = .now) {
        let gone = places.withLock { places in
            let before = places.count
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
    public func keep(_ name: String, for duration: Duration?) {
        if duration == .zero {
            let gone = places.withLock { places in
                places.first { $0.item.name == name && $0.item.isReleasable }.map { places.lose($0) }
            }
            if gone != nil { trim() }
            return
        }
        places.withLock { places in
            guard let index = places.firstIndex(where: { $0.item.name == name }) else { return }
            places[index].keeping = .told(duration)
        }
        guard let duration else { return }
        Task { [weak self] in
            try await Task.sleep(for: duration + .milliseconds(20))
            self?.sweep()
        }
    }

    /// What an open model takes, and when it is let go if nobody asks for it.
    public func holding(_ name: String) -> Holding? {
        places.withLock { places in
            places.first { $0.item.name == name && $0.model != nil }.map { place in
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
        var model: (any GenerativeModel)?
        var used = ContinuousClock.now
        var keeping = Keeping.asAll

        func expiry(_ patience: Duration?) -> ContinuousClock.Instant? {
            switch keeping {
            case .asAll: item.isPinned ? nil : patience.map { used + $0 }
            case .told(let duration): item.isReleasable ? duration.map { used + $0 } : nil
            }
        }

        var isIdle: Bool { model?.isIdle ?? false }
        /// The name of what it stands over.
        var base: String? { item.base?.name }
    }

    fileprivate typealias Opened = Task<any GenerativeModel, any Error>

    private func task(_ item: Item) async throws -> Opened {
        guard case .over(let base, let adapt) = item.source else {
            guard case .alone(let open) = item.source else { preconditionFailure("a model is alone or over one") }
            return try places.withLock { try take(item, &$0, open) }
        }
        while true {
            let (beneath, model) = try await open(base)
            let task = try places.withLock { places -> Opened? in
                // It may have made room for others meanwhile.
                guard places.contains(where: { $0.task == beneath }) else { return nil }
                return try take(item, &places) { try adapt(model) }
            }
            if let task { return task }
            try Task.checkCancellation()
        }
    }

    private func take(_ item: Item, _ places: inout [Place], _ open: @escaping Opening) throws -> Opened {
        if let index = places.firstIndex(where: { $0.item.name == item.name }) {
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
        let staying = places.filter { places.isPinned($0) || $0.item.name == item.base?.name }
        let pinned = staying.reduce(0) { $0 + $1.item.bytes }
        guard item.bytes <= budget - pinned else {
            throw APIError.neverFits(item.name, needs: item.bytes, of: budget, pinned: pinned)
        }
        var held = places.reduce(0) { $0 + $1.item.bytes }, gone = false
        while held > budget - item.bytes {
            let idle = places.first { places.canLose($0) && $0.item.name != item.base?.name }
            guard let idle else { throw APIError.noRoom(item.name, needs: item.bytes, of: budget, held: held) }
            held -= places.lose(idle)
            gone = true
        }
        if gone { trim() }
    }
}

extension [Shelf.Place] {
    private func over(_ place: Element) -> Self { filter { $0.base == place.item.name } }

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
        guard let index = firstIndex(where: { $0.item.name == place.item.name }) else { return 0 }
        var bytes = remove(at: index).item.bytes
        for other in over(place) { bytes += lose(other) }
        return bytes
    }
}

extension APIError {
    fileprivate static func neverFits(_ name: String, needs bytes: Int, of budget: Int, pinned: Int) -> APIError {
        let held = pinned == 0 ? "" : ", of which pinned models have \(gigabytes(pinned))"
        return APIError(
            status: .serviceUnavailable,
            kind: .server,
            message: "The model '\(name)' takes \(gigabytes(bytes)) with its cache; this server's models may take "
                + "\(gigabytes(budget))\(held). Its operator can raise --model-memory or lower --cache-tokens.",
            param: "model",
            code: "model_does_not_fit",
            headers: inVain
        )
    }

    fileprivate static func noRoom(_ name: String, needs bytes: Int, of budget: Int, held: Int) -> APIError {
        APIError(
            status: .serviceUnavailable,
            kind: .server,
            message: "The model '\(name)' takes \(gigabytes(bytes)), and models that are answering or pinned hold "
                + "\(gigabytes(held)) of \(gigabytes(budget)). Try again when they have finished.",
            param: "model",
            code: "no_room_for_model",
            headers: [.retryAfter: "5"]
        )
    }

    private static func gigabytes(_ bytes: Int) -> String {
        let tenths = (Double(bytes) / 1e8).rounded() / 10
        return tenths >= 0.1 ? "\(tenths) GB" : "\((Double(bytes) / 1e6).rounded()) MB"
    }
}

import Foundation
import HTTPTypes
import Inference
import Synchronization

/// The models that are open, and how much of the memory they may take together.
///
/// A model is opened once, however many ask for it. Where the budget does not hold one more, those that have been idle longest
/// are let go; one that answers never is, nor one that is pinned. Whoever is being answered by a model that is let go all the same
/// is answered to the end.
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
        public var open: Opening

        /// - Parameter isReleasable: what is not pinned is, unless told.
        public init(
            name: String,
            bytes: Int,
            isPinned: Bool = false,
            isReleasable: Bool? = nil,
            open: @escaping Opening
        ) {
            (self.name, self.bytes, self.isPinned, self.open) = (name, bytes, isPinned, open)
            self.isReleasable = isReleasable ?? !isPinned
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
        let task = try places.withLock { try take(item, &$0) }
        do {
            let model = try await task.value
            places.withLock { places in
                guard let index = places.firstIndex(where: { $0.task == task }) else { return }
                (places[index].model, places[index].used) = (model, .now)
            }
            return model
        } catch {
            places.withLock { $0.removeAll { $0.task == task } }  // whoever comes next may try again
            throw error
        }
    }

    /// Lets a model go.
    func drop(_ name: String) {
        places.withLock { $0.removeAll { $0.item.name == name } }
        trim()
    }

    /// Lets those go that have been idle for too long.
    public func sweep(at now: ContinuousClock.Instant = .now) {
        let gone = places.withLock { places in
            places.extract { $0.isIdle && $0.expiry(patience).map { $0 <= now } ?? false }
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
            let gone = places.withLock { $0.extract { $0.item.name == name && $0.item.isReleasable } }
            if gone > 0 { trim() }
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
    private struct Place {
        /// For how long a model is kept after its last use.
        enum Keeping { case asAll, told(Duration?) }

        let item: Item, task: Task<any GenerativeModel, any Error>
        var model: (any GenerativeModel)?
        var used = ContinuousClock.now
        var keeping = Keeping.asAll

        func expiry(_ patience: Duration?) -> ContinuousClock.Instant? {
            switch keeping {
            case .asAll: item.isPinned ? nil : patience.map { used + $0 }
            case .told(let duration): item.isReleasable ? duration.map { used + $0 } : nil
            }
        }

        var isIdle: Bool {
            guard let statistics = model?.statistics else { return false }
            return statistics.running + statistics.waiting == 0
        }
    }

    private func take(_ item: Item, _ places: inout [Place]) throws -> Task<any GenerativeModel, any Error> {
        if let index = places.firstIndex(where: { $0.item.name == item.name }) {
            var place = places.remove(at: index)
            place.used = .now
            places.append(place)
            return place.task
        }
        try makeRoom(for: item, &places)
        let task = Task { try await OneModel.onThread { try item.open() } }
        places.append(Place(item: item, task: task))
        return task
    }

    private func makeRoom(for item: Item, _ places: inout [Place]) throws {
        let pinned = places.filter(\.item.isPinned).reduce(0) { $0 + $1.item.bytes }
        guard item.bytes <= budget - pinned else {
            throw APIError.neverFits(item.name, needs: item.bytes, of: budget, pinned: pinned)
        }
        var held = places.reduce(0) { $0 + $1.item.bytes }, gone = false
        while held > budget - item.bytes {
            guard let index = places.firstIndex(where: { $0.isIdle && !$0.item.isPinned }) else {
                throw APIError.noRoom(item.name, needs: item.bytes, of: budget, held: held)
            }
            held -= places.remove(at: index).item.bytes
            gone = true
        }
        if gone { trim() }
    }
}

extension Array {
    /// Removes those; returns how many there were.
    fileprivate mutating func extract(where isWanted: (Element) -> Bool) -> Int {
        let before = count
        removeAll(where: isWanted)
        return before - count
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

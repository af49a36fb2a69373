/// A model that stands open.
enum OpenModel: Sendable {
    case talks(any GenerativeModel), makesVectors(any VectorService)

    var talker: (any GenerativeModel)? { if case .talks(let model) = self { model } else { nil } }
    var vectors: (any VectorService)? { if case .makesVectors(let model) = self { model } else { nil } }

    /// Whether nobody is being answered by it, or waits to be.
    var isIdle: Bool {
        switch self {
        case .talks(let model): model.isIdle
        case .makesVectors(let model): model.isIdle
        }
    }
}

extension Shelf {
    /// A model that can be opened.
    public struct Item: Sendable {
        /// A model that talks and one that makes vectors may have one name, even one file.
        public enum Kind: Sendable, Hashable { case talks, makesVectors }

        /// What tells an item from the others of a shelf.
        struct ID: Hashable, Sendable {
            let name: String, kind: Kind
        }

        public var name: String
        /// What it takes of the memory: weights, and the most that its cache can become.
        public var bytes: Int
        /// What of it a smaller cache does not change; nil: all.
        public var least: Int?
        /// Whether it stays open.
        public var isPinned: Bool
        /// Whether a client may let it go all the same.
        public var isReleasable: Bool
        let kind: Kind
        let source: Source

        var id: ID { ID(name: name, kind: kind) }

        private init(_ name: String, _ kind: Kind, _ bytes: Int, _ isPinned: Bool, _ source: Source) {
            (self.name, self.kind, self.bytes, self.source) = (name, kind, bytes, source)
            (self.isPinned, isReleasable) = (isPinned, !isPinned)
        }

        /// A model that talks.
        ///
        /// - Parameter isReleasable: what is not pinned is, unless told.
        public init(
            name: String,
            bytes: Int,
            isPinned: Bool = false,
            isReleasable: Bool? = nil,
            open: @escaping @Sendable () throws -> any GenerativeModel
        ) {
            self.init(name, .talks, bytes, isPinned, .alone { .talks(try open()) })
            if let isReleasable { self.isReleasable = isReleasable }
        }

        /// A model that talks over another.
        ///
        /// - Parameter open: makes it of the model beneath.
        public init(
            name: String,
            bytes: Int,
            isPinned: Bool = false,
            over base: Item,
            open: @escaping @Sendable (any GenerativeModel) throws -> any GenerativeModel
        ) {
            self.init(name, .talks, bytes, isPinned, .over(base, open))
        }

        /// A model that makes vectors.
        public init(
            vectors name: String,
            bytes: Int,
            isPinned: Bool = false,
            open: @escaping @Sendable () throws -> any VectorService
        ) {
            self.init(name, .makesVectors, bytes, isPinned, .alone { .makesVectors(try open()) })
        }

        /// The model beneath.
        public var base: Item? { if case .over(let base, _) = source { base } else { nil } }

        typealias Opening = @Sendable () throws -> OpenModel

        indirect enum Source: Sendable {
            case alone(Opening)
            case over(Item, @Sendable (any GenerativeModel) throws -> any GenerativeModel)
        }
    }
}

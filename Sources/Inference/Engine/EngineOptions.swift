public import Tensors

extension Engine {
    /// How much an engine takes on.
    public struct Options: Sendable {
        /// Positions of the key-value cache; nil: see ``cacheBytes``.
        public var cacheTokens: Int?
        /// Memory for the key-value cache; nil: four contexts, but at most a quarter of the machine's memory. Committed when
        /// used, not before.
        public var cacheBytes: Int?
        /// What keys and values are kept as.
        public var cacheType = CacheType.f16
        /// Requests computed together.
        public var maxRunning = 32
        /// Tokens computed in one step.
        public var tokenBudget = 512
        /// Requests that wait for a seat, and the tokens of their prompts.
        public var maxQueued = 256
        public var maxQueuedTokens = 1 << 20
        /// Whether beginnings that several requests share are computed once.
        public var reusesPrefixes = true
        /// Whether likely next tokens are guessed and checked several in one step where that pays. Answers stay the same.
        public var speculates = true
        /// Memory for one step's logits of prompts that are scored.
        public var scoreBytes = 32 << 20

        public init() {}
    }
}

public import Tensors

/// The tokens of one forward pass: any number of sequences laid end to end, one row for each token.
///
/// A row may continue a sequence whose past is in the cache; prompts and single new tokens mix freely.
public struct Batch: Sendable {
    /// Rows that continue one sequence.
    public typealias Sequence = CachedSequence

    public let tokens: [Int32]
    /// The rows whose logits are wanted.
    public let outputs: [Int32]
    public let cache: KeyValueCache
    /// Whether what a block works out on the way is remembered for its gradient, or worked out again.
    ///
    /// Networks ask where they call their blocks, rather than hand over a closure: it would hold a copy of the block, at every step.
    public var remembers = true
    let plan: AttentionPlan
    /// Rows that go through adapters; nil where none does.
    private(set) var adapted: AdaptedRows?

    /// - Parameters:
    ///   - sequences: together they cover the tokens, in order; each block table covers past and new positions.
    ///   - outputs: rows, each below `tokens.count`.
    ///   - adapters: what each sequence goes through besides, all of them made for the network that reads the batch; empty for
    ///     nothing.
    public init(
        tokens: [Int32],
        sequences: [Sequence],
        outputs: [Int],
        cache: KeyValueCache,
        adapters: [LoadedAdapter?] = []
    ) {
        self.init(tokens: tokens, sequences: sequences, outputs: outputs, cache: cache, sight: .back)
        precondition(adapters.isEmpty || adapters.count == sequences.count, "\(adapters.count) adapters")
        adapted = AdaptedRows(zip(sequences, adapters).map { ($0.rows, $1) })
    }

    private init(tokens: [Int32], sequences: [Sequence], outputs: [Int], cache: KeyValueCache, sight: Sight) {
        plan = AttentionPlan(sequences, sight: sight)
        precondition(plan.positions.count == tokens.count, "\(tokens.count) tokens, \(plan.positions.count) rows")
        (self.tokens, self.outputs, self.cache) = (tokens, outputs.map(Int32.init), cache)
    }

    /// One sequence without a past, whose logits are all wanted.
    public init(tokens: [Int32], for shape: CacheShape) {
        let blocks = (tokens.count + CacheShape.blockSize - 1) / CacheShape.blockSize
        let sequence = Sequence(rows: 0..<tokens.count, start: 0, blocks: (0..<blocks).map(Int32.init))
        let cache = KeyValueCache(shape, blocks: blocks)
        self.init(tokens: tokens, sequences: [sequence], outputs: Array(tokens.indices), cache: cache)
    }

    /// Documents laid end to end, none of which has a past or sees another; all logits are wanted.
    ///
    /// - Parameters:
    ///   - documents: together they cover the tokens, in order.
    ///   - adapter: what all of them go through besides.
    public init(tokens: [Int32], documents: [Range<Int>], for shape: CacheShape, adapter: LoadedAdapter? = nil) {
        self.init(tokens: tokens, documents: documents, for: shape, sight: .back)
        adapted = AdaptedRows(documents.map { ($0, adapter) })
    }

    init(tokens: [Int32], documents: [Range<Int>], for shape: CacheShape, sight: Sight) {
        var blocks: Int32 = 0
        let sequences = documents.map { rows in
            let first = blocks
            blocks += Int32((rows.count + CacheShape.blockSize - 1) / CacheShape.blockSize)
            return Sequence(rows: rows, start: 0, blocks: Array(first..<blocks))
        }
        let cache = KeyValueCache(shape, blocks: Int(blocks))
        self.init(tokens: tokens, sequences: sequences, outputs: Array(tokens.indices), cache: cache, sight: sight)
    }

    public var count: Int { tokens.count }
    public var positions: [Int32] { plan.positions }

    /// Attention of each row over what it sees of its own sequence; writes `k` and `v` into the cache first.
    ///
    /// `q` is `[rows, heads, width]`, `k` and `v` are `[rows, kvHeads, width]`; the result is `[rows, heads * width]`.
    func attend(
        _ q: Tensor,
        _ k: Tensor,
        _ v: Tensor,
        layer: Int,
        scale: Float? = nil,
        window: Int? = nil,
        softcap: Float = 0,
        sinks: Tensor? = nil
    ) -> Tensor {
        let scale = scale ?? 1 / Float(q.shape[2]).squareRoot()
        return attention(
            q,
            k,
            v,
            layer: layer,
            plan: plan,
            cache: cache,
            scale: scale,
            window: window,
            softcap: softcap,
            sinks: sinks
        )
        .reshaped(count, -1)
    }

    /// Each row mixed with those before it in its sequence; see `Tensors.convolution`.
    func convolved(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, layer: Int, part: Range<Int>) -> Tensor {
        convolution(x, weight, bias, layer: layer, part: part, plan: plan, cache: cache)
    }

    /// What a state space makes of the rows; see `Tensors.scanned`.
    func scanned(_ inputs: ScanInputs, _ space: StateSpace, layer: Int, part: Range<Int>) -> Tensor {
        Tensors.scanned(inputs, space, layer: layer, part: part, plan: plan, cache: cache)
    }

    /// The rows of `x` whose logits are wanted.
    func selected(_ x: Tensor) -> Tensor {
        let all = outputs.count == count && outputs.indices.allSatisfy { outputs[$0] == Int32($0) }
        return all ? x : gather(x, rows: outputs)
    }
}

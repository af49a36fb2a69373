import CKernels

/// Some consecutive rows of a batch that continue one sequence, and the cache blocks of that sequence.
public struct CachedSequence: Sendable {
    public let rows: Range<Int>
    /// The position of the first row.
    public let start: Int
    /// The blocks that keep positions 0 to `start + rows.count - 1`.
    public let blocks: [Int32]

    public init(rows: Range<Int>, start: Int, blocks: [Int32]) {
        precondition(blocks.count * CacheShape.blockSize >= start + rows.count, "too few cache blocks for \(rows)")
        (self.rows, self.start, self.blocks) = (rows, start, blocks)
    }
}

/// Where the rows of a sequence look.
public enum Sight: Sendable {
    /// At themselves and what came before, as what is written word by word must.
    case back
    /// At the whole sequence, all of which is there: none has a past.
    case around
}

/// Which row sits where, worked out once for all layers of a forward pass.
public struct AttentionPlan: Sendable {
    public let positions: [Int32]
    /// The block tables of all sequences, end to end, and where each row's begins.
    let blocks: [Int32], tables: [Int]
    /// Where each sequence's table is.
    private let reaches: [Range<Int>]
    /// Neighbouring rows of one sequence, which attend together: what they see is nearly the same.
    let tiles: [Range<Int>]
    /// The rows of each sequence, and whether all of them begin at its beginning.
    let sequences: [Range<Int>], isWithoutPast: Bool
    let sight: Sight
    /// How many positions each row's sequence has; empty where rows look back.
    private let lengths: [Int]
    static let tileRows = 6

    /// - Parameter sequences: together they must cover rows `0..<count`, in order.
    public init(_ sequences: [CachedSequence], sight: Sight = .back) {
        var positions: [Int32] = [], blocks: [Int32] = [], tables: [Int] = [], tiles: [Range<Int>] = []
        var reaches: [Range<Int>] = []
        for sequence in sequences {
            let rows = sequence.rows
            precondition(rows.lowerBound == positions.count, "rows \(rows) leave a gap or overlap")
            positions += rows.indices.map { Int32(sequence.start + $0 - rows.lowerBound) }
            tables += repeatElement(blocks.count, count: rows.count)
            reaches.append(blocks.count..<blocks.count + sequence.blocks.count)
            blocks += sequence.blocks
            let starts = stride(from: rows.lowerBound, to: rows.upperBound, by: AttentionPlan.tileRows)
            tiles += starts.map { $0..<min($0 + AttentionPlan.tileRows, rows.upperBound) }
        }
        (self.positions, self.blocks, self.tables, self.tiles) = (positions, blocks, tables, tiles)
        (self.sequences, self.reaches) = (sequences.map(\.rows), reaches)
        isWithoutPast = sequences.allSatisfy { $0.start == 0 }
        precondition(sight == .back || isWithoutPast, "only rows without a past look around")
        self.sight = sight
        lengths = sight == .back ? [] : sequences.flatMap { repeatElement($0.rows.count, count: $0.rows.count) }
    }

    /// The sequences that have rows: their blocks, and whether the first row is at the beginning.
    var begun: [(rows: Range<Int>, blocks: ArraySlice<Int32>, isFirst: Bool)] {
        zip(sequences, reaches).filter { !$0.0.isEmpty }
            .map { rows, reach in (rows, blocks[reach], positions[rows.lowerBound] == 0) }
    }

    /// Positions that a row sees, of which `window` are on either side that it looks to, itself counted.
    func seen(by row: Int, window: Int?) -> Range<Int> {
        let place = Int(positions[row])
        let end = sight == .back ? place + 1 : min(lengths[row], place + (window ?? lengths[row]))
        return max(0, place + 1 - (window ?? place + 1))..<end
    }
}

/// Writes `k` and `v` `[rows, kvHeads, width]` into the cache, then attends from `q` `[rows, heads, width]` to what its rows see.
///
/// - Parameters:
///   - window: how many positions a row sees on a side, itself included; nil for all.
///   - softcap: `s` becomes `softcap * tanh(s / softcap)`; 0 for none.
///   - sinks: a score for each head that takes part in its softmax and adds nothing to the values: `[heads]` (Xiao et al. 2023).
/// - Returns: `[rows, heads, width]`.
public func attention(
    _ q: Tensor,
    _ k: Tensor,
    _ v: Tensor,
    layer: Int,
    plan: AttentionPlan,
    cache: KeyValueCache,
    scale: Float,
    window: Int? = nil,
    softcap: Float = 0,
    sinks: Tensor? = nil
) -> Tensor {
    let shape = cache.shape, rows = plan.positions.count
    precondition(k.shape == [rows, shape.kvHeads, shape.headWidth] && v.shape == k.shape, "attention: keys \(k.shape)")
    precondition(
        q.shape[0] == rows && q.shape[1] % shape.kvHeads == 0 && q.shape[2] == shape.headWidth,
        "attention: \(q.shape)"
    )
    let step = AttentionStep(
        cache: cache,
        layer: layer,
        plan: plan,
        group: q.shape[1] / shape.kvHeads,
        scale: scale,
        window: window,
        softcap: softcap,
        sinks: sinks
    )
    precondition(sinks == nil || sinks?.shape == [q.shape[1]], "attention: sinks \(sinks!.shape) for \(q.shape)")
    step.keep(k.floats, v.floats)
    let y = Tensor(q.shape) { step.attend(q.floats, into: $0) }
    return y.made(from: [q, k, v, sinks]) { step.gradients(q, k, v, y, $0) }
}

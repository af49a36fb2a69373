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

/// Which row sits where, worked out once for all layers of a forward pass.
public struct AttentionPlan: Sendable {
    public let positions: [Int32]
    /// The block tables of all sequences, end to end, and where each row's begins.
    let blocks: [Int32], tables: [Int]

    /// - Parameter sequences: together they must cover rows `0..<count`, in order.
    public init(_ sequences: [CachedSequence]) {
        var positions: [Int32] = [], blocks: [Int32] = [], tables: [Int] = []
        for sequence in sequences {
            precondition(sequence.rows.lowerBound == positions.count, "rows \(sequence.rows) leave a gap or overlap")
            positions += sequence.rows.indices.map { Int32(sequence.start + $0 - sequence.rows.lowerBound) }
            tables += repeatElement(blocks.count, count: sequence.rows.count)
            blocks += sequence.blocks
        }
        (self.positions, self.blocks, self.tables) = (positions, blocks, tables)
    }
}

/// Writes `k` and `v` `[rows, kvHeads, width]` into the cache, then attends causally from `q` `[rows, heads, width]`.
///
/// - Parameters:
///   - window: how many positions a row sees, itself included; nil for all.
///   - softcap: `s` becomes `softcap * tanh(s / softcap)`; 0 for none.
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
    softcap: Float = 0
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
        window: window,
        softcap: softcap
    )
    step.keep(k.floats, v.floats)
    let scaled = q * scale
    return withExtendedLifetime(scaled) { Tensor(q.shape) { step.attend(scaled.floats, into: $0) } }
}

/// One layer's attention over one batch.
private struct AttentionStep {
    let cache: KeyValueCache, layer: Int, plan: AttentionPlan, group: Int, window: Int?, softcap: Float

    var heads: Int { cache.shape.kvHeads }
    var width: Int { cache.shape.headWidth }

    func keep(_ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>) {
        parallel(rows: plan.positions.count, grain: 16) { rows, _ in
            for row in rows {
                let position = Int(plan.positions[row])
                let block = Int(plan.blocks[plan.tables[row] + position / CacheShape.blockSize])
                for head in 0..<heads {
                    let at = (row * heads + head) * width
                    let target = cache.head(head, layer: layer) + block * cache.shape.layerBytes
                    Kernel.table.cache_store(target, k + at, v + at, position, width)
                }
            }
        }
    }

    /// Positions that a row sees.
    func range(_ row: Int) -> Range<Int> {
        let end = Int(plan.positions[row]) + 1
        return max(0, end - (window ?? end))..<end
    }

    func attend(_ q: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        let rows = plan.positions.count, few = rows * heads < 4 * Threads.count
        let longest = few ? (0..<rows).map { parts(range($0)).count }.max() ?? 0 : 0
        if longest > 1 { return attendInParts(q, into: y, most: longest) }
        plan.blocks.withUnsafeBufferPointer { blocks in
            parallel(rows: rows * heads, grain: 2) { indices, _ in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * group * (width + 2)) { partial in
                    for index in indices { attendRow(index, q, y, blocks.baseAddress!, partial.baseAddress!) }
                }
            }
        }
    }

    /// A whole row and key-value head on one thread, part after part.
    private func attendRow(
        _ index: Int,
        _ q: UnsafePointer<Float>,
        _ y: UnsafeMutablePointer<Float>,
        _ blocks: UnsafePointer<Int32>,
        _ partial: UnsafeMutablePointer<Float>
    ) {
        let (row, head) = (index / heads, index % heads), range = range(row), at = index * group * width
        let later = partial + group * (width + 2)
        for part in parts(range) {
            let target = part == parts(range).lowerBound ? partial : later
            attend(part, range, row, head, q + at, blocks, target)
            if target == later { Kernel.table.attend_merge(partial, later, group, width) }
        }
        Kernel.table.attend_finish(y + at, partial, group, width)
    }

    /// Few rows with long pasts: each part is a job of its own, merged afterwards in the same order.
    private func attendInParts(_ q: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, most: Int) {
        let size = group * (width + 2), count = plan.positions.count * heads
        let partials = Storage(count * most * size * 4), all = partials.bytes.assumingMemoryBound(to: Float.self)
        plan.blocks.withUnsafeBufferPointer { blocks in
            Threads.run(count * most) { job, _ in
                let (index, which) = (job / most, job % most), range = range(index / heads)
                let part = parts(range).lowerBound + which
                guard part < parts(range).upperBound else { return }
                let at = index * group * width
                attend(part, range, index / heads, index % heads, q + at, blocks.baseAddress!, all + job * size)
            }
        }
        for index in 0..<count {
            let first = all + index * most * size
            for which in 1..<max(1, parts(range(index / heads)).count) {
                Kernel.table.attend_merge(first, first + which * size, group, width)
            }
            Kernel.table.attend_finish(y + index * group * width, first, group, width)
        }
        withExtendedLifetime(partials) {}
    }

    private func parts(_ range: Range<Int>) -> Range<Int> {
        range.lowerBound / Int(ATTENTION_PART)..<(range.upperBound + Int(ATTENTION_PART) - 1) / Int(ATTENTION_PART)
    }

    private func attend(
        _ part: Int,
        _ range: Range<Int>,
        _ row: Int,
        _ head: Int,
        _ q: UnsafePointer<Float>,
        _ blocks: UnsafePointer<Int32>,
        _ partial: UnsafeMutablePointer<Float>
    ) {
        var head = cache_head_t(
            base: UnsafePointer(cache.head(head, layer: layer).assumingMemoryBound(to: UInt8.self)),
            block_bytes: cache.shape.layerBytes,
            blocks: blocks + plan.tables[row],
            width: width
        )
        let from = max(range.lowerBound, part * Int(ATTENTION_PART))
        let to = min(range.upperBound, (part + 1) * Int(ATTENTION_PART))
        Kernel.table.attend_part(partial, q, &head, from, to, group, softcap)
    }
}

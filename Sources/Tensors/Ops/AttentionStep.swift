import CKernels
import Foundation

/// One layer's attention over one batch.
struct AttentionStep {
    let cache: KeyValueCache, layer: Int, plan: AttentionPlan
    /// Query heads of each key-value head.
    let group: Int
    let scale: Float, window: Int?, softcap: Float
    var sinks: Tensor?

    private var heads: Int { cache.shape.kvHeads }
    private var width: Int { cache.shape.headWidth }
    /// Floats that one query head's partial result takes.
    private var partialSize: Int { width + 2 }

    /// Writes the new keys and values into the cache.
    func keep(_ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>) {
        parallel(rows: plan.positions.count, grain: 16) { rows, _ in
            for row in rows {
                let position = Int(plan.positions[row])
                let block = Int(plan.blocks[plan.tables[row] + position / CacheShape.blockSize])
                for head in 0..<heads {
                    let at = (row * heads + head) * width
                    let target = cache.head(head, layer: layer) + block * cache.shape.layerBytes
                    Kernel.table.cache_store(cache.shape.type.kernel, target, k + at, v + at, position, width)
                }
            }
        }
    }

    /// `q` and `y` are `[rows, heads, width]`. A tile of rows and one key-value head make a job.
    func attend(_ q: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        let jobs = plan.tiles.count * heads
        let longest = jobs < 4 * Threads.count ? plan.tiles.lazy.map { parts(of: $0).count }.max() ?? 0 : 0
        if longest > 1 { return attendInParts(q, into: y, most: longest) }
        let room = Room(self, partials: 2), later = pairs * width
        plan.blocks.withUnsafeBufferPointer { blocks in
            parallel(rows: jobs, grain: 1) { range, thread in
                let queries = room.start + thread * room.size
                for index in range {
                    attend(tile(index, queries, blocks.baseAddress!, reading: q), into: y, queries + later)
                }
            }
        }
        withExtendedLifetime(room) {}
    }

    /// A whole tile on one thread, part after part.
    private func attend(_ tile: Tile, into y: UnsafeMutablePointer<Float>, _ partials: UnsafeMutablePointer<Float>) {
        let parts = parts(of: tile.rows), later = partials + pairs * partialSize
        attend(parts.lowerBound, tile, partials)
        for part in parts.dropFirst() {
            attend(part, tile, later)
            merge(part, tile, later, into: partials)
        }
        finish(tile, partials, into: y)
    }

    /// Few tiles with long pasts: each part is a job of its own, merged afterwards in the same order.
    private func attendInParts(_ q: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, most: Int) {
        let size = pairs * partialSize, count = plan.tiles.count * heads
        let partials = Storage(count * most * size * 4), all = partials.bytes.assumingMemoryBound(to: Float.self)
        let room = Room(self, partials: 0)
        plan.blocks.withUnsafeBufferPointer { blocks in
            Threads.run(count * most) { job, thread in
                let queries = room.start + thread * room.size
                let tile = tile(job / most, queries, blocks.baseAddress!, reading: q)
                let part = parts(of: tile.rows).lowerBound + job % most
                if part < parts(of: tile.rows).upperBound { attend(part, tile, all + job * size) }
            }
            for index in 0..<count {
                let tile = Tile(self, index, nil, blocks.baseAddress!), first = all + index * most * size
                for (which, part) in parts(of: tile.rows).enumerated().dropFirst() {
                    merge(part, tile, first + which * size, into: first)
                }
                finish(tile, first, into: y)
            }
        }
        withExtendedLifetime((partials, room)) {}
    }
}

extension AttentionStep {
    /// For each thread, room for a tile's queries and after them for some partial results.
    private struct Room {
        private let storage: Storage
        /// Floats of one thread.
        let size: Int

        init(_ step: AttentionStep, partials: Int) {
            size = (step.pairs * (step.width + partials * step.partialSize) + 15) / 16 * 16
            storage = Storage(Threads.count * size * 4)
        }

        var start: UnsafeMutablePointer<Float> { storage.bytes.assumingMemoryBound(to: Float.self) }
    }

    /// Rows of one sequence, and one key-value head.
    fileprivate struct Tile {
        let rows: Range<Int>, head: Int
        /// `[rows, group, width]`, scaled.
        let queries: UnsafeMutablePointer<Float>?
        let cache: cache_head_t

        init(
            _ step: AttentionStep,
            _ index: Int,
            _ queries: UnsafeMutablePointer<Float>?,
            _ blocks: UnsafePointer<Int32>
        ) {
            rows = step.plan.tiles[index / step.heads]
            head = index % step.heads
            self.queries = queries
            cache = cache_head_t(
                base: UnsafePointer(step.cache.head(head, layer: step.layer).assumingMemoryBound(to: UInt8.self)),
                block_bytes: step.cache.shape.layerBytes,
                blocks: blocks + step.plan.tables[rows.lowerBound],
                width: step.width,
                type: step.cache.shape.type.kernel
            )
        }
    }

    /// The most pairs of a row and a query head in a tile.
    private var pairs: Int { AttentionPlan.tileRows * group }

    /// Tile `index`, its queries brought together and scaled.
    private func tile(
        _ index: Int,
        _ queries: UnsafeMutablePointer<Float>,
        _ blocks: UnsafePointer<Int32>,
        reading q: UnsafePointer<Float>
    ) -> Tile {
        let tile = Tile(self, index, queries, blocks), size = group * width
        for (which, row) in tile.rows.enumerated() {
            Kernel.table.scale(queries + which * size, q + (row * heads + tile.head) * size, scale, size)
        }
        return tile
    }

    /// Positions that a row sees.
    private func range(_ row: Int) -> Range<Int> { plan.seen(by: row, window: window) }

    private func parts(_ range: Range<Int>) -> Range<Int> {
        range.lowerBound / Int(ATTENTION_PART)..<(range.upperBound + Int(ATTENTION_PART) - 1) / Int(ATTENTION_PART)
    }

    /// The parts that some row of a tile sees.
    private func parts(of rows: Range<Int>) -> Range<Int> {
        parts(range(rows.lowerBound)).lowerBound..<parts(range(rows.upperBound - 1)).upperBound
    }

    /// One part for all rows of a tile. Whole spans that every row sees are read once for all of them.
    private func attend(_ part: Int, _ tile: Tile, _ partial: UnsafeMutablePointer<Float>) {
        Kernel.table.attend_begin(partial, tile.rows.count * group, width)
        let bounds = part * Int(ATTENTION_PART)..<(part + 1) * Int(ATTENTION_PART), span = Int(ATTENTION_SPAN)
        let first = range(tile.rows.lowerBound).clamped(to: bounds)
        let last = range(tile.rows.upperBound - 1).clamped(to: bounds)
        let from = (last.lowerBound + span - 1) / span * span, to = first.upperBound / span * span
        guard from < to, tile.rows.count > 1 else { return attendApart(bounds, tile, partial) }
        attendApart(bounds.lowerBound..<from, tile, partial)
        attend(from..<to, tile, which: 0, rows: tile.rows.count, partial)
        attendApart(to..<bounds.upperBound, tile, partial)
    }

    /// Each row on its own, over those of `positions` that it sees.
    private func attendApart(_ positions: Range<Int>, _ tile: Tile, _ partial: UnsafeMutablePointer<Float>) {
        for (which, row) in tile.rows.enumerated() {
            let seen = range(row).clamped(to: positions)
            if !seen.isEmpty { attend(seen, tile, which: which, rows: 1, partial) }
        }
    }

    private func attend(
        _ positions: Range<Int>,
        _ tile: Tile,
        which: Int,
        rows: Int,
        _ partial: UnsafeMutablePointer<Float>
    ) {
        let target = partial + which * group * partialSize, queries = tile.queries! + which * group * width
        withUnsafePointer(to: tile.cache) {
            Kernel.table
                .attend_part(target, queries, $0, positions.lowerBound, positions.upperBound, rows * group, softcap)
        }
    }

    /// Merges a later part into the earlier ones of those rows that see it.
    private func merge(
        _ part: Int,
        _ tile: Tile,
        _ later: UnsafeMutablePointer<Float>,
        into partial: UnsafeMutablePointer<Float>
    ) {
        let size = group * partialSize
        for (which, row) in tile.rows.enumerated() where parts(range(row)).contains(part) {
            Kernel.table.attend_merge(partial + which * size, later + which * size, group, width)
        }
    }

    /// Lets each head's sink take its share of the softmax.
    private func drain(_ partial: UnsafeMutablePointer<Float>, _ sinks: UnsafePointer<Float>) {
        for head in 0..<group {
            let state = partial + head * partialSize + width, sink = sinks[head]
            guard sink > state[0] else {
                state[1] += exp(sink - state[0])
                continue
            }
            let share = exp(state[0] - sink)
            Kernel.table.scale(partial + head * partialSize, partial + head * partialSize, share, width)
            (state[0], state[1]) = (sink, state[1] * share + 1)
        }
    }

    private func finish(_ tile: Tile, _ partial: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        let size = group * partialSize
        for (which, row) in tile.rows.enumerated() {
            if let sinks { drain(partial + which * size, sinks.floats + tile.head * group) }
            let target = y + (row * heads + tile.head) * group * width
            Kernel.table.attend_finish(target, partial + which * size, group, width)
        }
    }
}

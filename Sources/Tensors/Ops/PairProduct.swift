import CKernels

/// A ``MatrixProduct`` whose operands are rounded to bfloat16 and multiplied in pairs, on machines that can: twice as fast.
///
/// Both operands are packed once, on all threads. Every element adds its pairs in the order of `inner`, from `start` on, as the
/// panels' kernel for bfloat16 does: trainer and server agree to the bit.
struct PairProduct {
    let left, right: MatrixProduct.Operand, rows, columns, inner: Int

    static let isPossible = Kernel.table.pair_product != nil
    private static let tile = Kernel.table.pair_tile, width = Kernel.table.product_width
    /// Steps of `inner` in one slice: a strip and a tile of so many stay in the first cache.
    private static let deepest = 384
    /// Tiles and strips of one block in the second cache.
    private static let tallest = 192, widest = 256
    /// Floats of `right` that are packed at a time.
    private static let packedAtOnce = 1 << 23
    /// Rows of `right` that are floats for a moment.
    private static let turnedAtOnce = 64

    init(_ product: MatrixProduct) {
        (left, right) = (product.left, product.right)
        (rows, columns, inner) = (product.rows, product.columns, product.inner)
    }

    /// - Precondition: rows, columns and inner are positive.
    func callAsFunction(_ y: UnsafeMutablePointer<Float>, start: UnsafePointer<Float>?, stride: Int) {
        let depth = share(inner, atMost: Self.deepest, of: right.isPacked ? Int(PANEL_ROWS) : 2)
        let wide = share(columns, atMost: max(Self.width, Self.packedAtOnce / depth), of: Self.width)
        let deep = max(1, Self.packedAtOnce / (wide * depth)) * depth
        let height = share(rows, atMost: rows, of: Self.tile)
        let tiles = Storage(height * share(inner, atMost: inner, of: 2) * 2)
        let strips = Storage(wide * min(deep, share(inner, atMost: inner, of: depth)) * 2)
        let packed = Tiles(pairs: tiles.pairs, height: height, depth: depth, inner: inner)
        pack(packed)
        for column in Swift.stride(from: 0, to: columns, by: wide) {
            for at in Swift.stride(from: 0, to: inner, by: deep) {
                let part = Part(
                    columns: column..<min(columns, column + wide),
                    inner: at..<min(inner, at + deep),
                    depth: depth,
                    pairs: strips.pairs
                )
                right.isPacked ? packPanels(part) : pack(part)
                multiply(part, packed, into: y, at == 0 ? start : UnsafePointer(y), at == 0 ? stride : columns)
            }
        }
        withExtendedLifetime((tiles, strips)) {}
    }

    /// Even shares of a whole, none above `most`, in multiples of `unit`.
    private func share(_ whole: Int, atMost most: Int, of unit: Int) -> Int {
        MatrixProduct.share(whole, atMost: most, of: unit)
    }

    private func multiply(
        _ part: Part,
        _ packed: Tiles,
        into y: UnsafeMutablePointer<Float>,
        _ start: UnsafePointer<Float>?,
        _ stride: Int
    ) {
        let width = share(part.columns.count, atMost: Self.widest, of: Self.width)
        let across = (part.columns.count + width - 1) / width, wanted = (8 * Threads.count + across - 1) / across
        let most = min(Self.tallest, max(6 * Self.tile, (rows + wanted - 1) / wanted))
        let height = share(rows, atMost: most, of: Self.tile), down = (rows + height - 1) / height
        parallel(rows: across * down, grain: 1) { jobs, _ in
            for job in jobs {
                let first = part.columns.lowerBound + job / down * width, row = job % down * height
                let count = min(height, rows - row), end = min(part.columns.upperBound, first + width)
                for slice in part.slices {
                    let isFirst = slice.lowerBound == part.inner.lowerBound
                    let (begin, step) = isFirst ? (start, stride) : (UnsafePointer(y), columns)
                    for column in Swift.stride(from: first, to: end, by: Self.width) {
                        Kernel.table.pair_product(
                            y + row * columns + column,
                            columns,
                            begin.map { $0 + row * step + column },
                            step,
                            packed.tile(row, slice),
                            part.strip(column, slice),
                            count,
                            slice.count,
                            min(Self.width, end - column)
                        )
                    }
                }
            }
        }
    }
}

// MARK: Packing

extension PairProduct {
    /// `left`, packed: slice after slice, tile after tile.
    private struct Tiles {
        let pairs: UnsafeMutablePointer<UInt32>, height, depth, inner: Int

        var slices: [Range<Int>] {
            stride(from: 0, to: inner, by: depth).map { $0..<min(inner, $0 + depth) }
        }

        /// Where the tile of a row, the first of its tile, lies.
        func tile(_ row: Int, _ slice: Range<Int>) -> UnsafeMutablePointer<UInt32> {
            pairs + height * (slice.lowerBound / 2) + row * ((slice.count + 1) / 2)
        }
    }

    /// Some columns of `right` and a part of its depth, packed: slice after slice, strip after strip.
    private struct Part {
        let columns, inner: Range<Int>, depth: Int
        let pairs: UnsafeMutablePointer<UInt32>

        var slices: [Range<Int>] { stride(from: inner.lowerBound, to: inner.upperBound, by: depth).map(slice) }

        /// The slice that a row of `right` is in.
        func slice(_ row: Int) -> Range<Int> {
            let first = row - (row - inner.lowerBound) % depth
            return first..<min(inner.upperBound, first + depth)
        }

        /// That of its strips together.
        var width: Int { (columns.count + PairProduct.width - 1) / PairProduct.width * PairProduct.width }

        /// Where the strip of a column, the first of its strip, lies.
        func strip(_ column: Int, _ slice: Range<Int>) -> UnsafeMutablePointer<UInt32> {
            pairs + (slice.lowerBound - inner.lowerBound) / 2 * width
                + (column - columns.lowerBound) * ((slice.count + 1) / 2)
        }
    }

    private func pack(_ tiles: Tiles) {
        let height = 8 * Self.tile, down = (rows + height - 1) / height, slices = tiles.slices
        parallel(rows: slices.count * down, grain: 1) { jobs, _ in
            for job in jobs {
                let slice = slices[job / down], row = job % down * height, count = min(height, rows - row)
                let from = left.isTurned ? left.at(slice.lowerBound, row) : left.at(row, slice.lowerBound)
                let x = from.assumingMemoryBound(to: Float.self), stride = left.rowBytes / 4
                Kernel.table.pair_tiles(tiles.tile(row, slice), x, stride, slice.count, count, left.isTurned)
            }
        }
    }

    private func pack(_ part: Part) {
        let slices = part.slices, across = part.width / Self.width, most = Self.turnedAtOnce
        let scratch = Storage(Threads.count * most * Self.width * 4)
        parallel(rows: slices.count * across, grain: 8) { jobs, thread in
            let floats = scratch.bytes.assumingMemoryBound(to: Float.self) + thread * most * Self.width
            for job in jobs {
                let slice = slices[job / across], column = part.columns.lowerBound + job % across * Self.width
                let count = min(Self.width, part.columns.upperBound - column), strip = part.strip(column, slice)
                for row in stride(from: slice.lowerBound, to: slice.upperBound, by: most) {
                    let some = row..<min(row + most, slice.upperBound)
                    right.cut(floats, column, count, some)
                    Kernel.table.pair_strip(strip + (row - slice.lowerBound) / 2 * Self.width, floats, some.count)
                }
            }
        }
        withExtendedLifetime(scratch) {}
    }

    private func packPanels(_ part: Part) {
        let height = Int(PANEL_ROWS), wide = 8 * Self.width, first = part.inner.lowerBound
        let scratch = Storage(Threads.count * height * wide * 4)
        parallel(rows: (part.inner.count + height - 1) / height, grain: 1) { panels, thread in
            let floats = scratch.bytes.assumingMemoryBound(to: Float.self) + thread * height * wide
            for panel in panels {
                let row = first + panel * height, slice = part.slice(row), deep = min(height, slice.upperBound - row)
                for column in stride(from: part.columns.lowerBound, to: part.columns.upperBound, by: wide) {
                    let count = min(wide, part.columns.upperBound - column), step = height * Self.width
                    Kernel.table.product_strip_panel(right.type, floats, step, right.panel(row), column, count, deep)
                    for index in 0..<(count + Self.width - 1) / Self.width {
                        let strip = part.strip(column + index * Self.width, slice)
                        let target = strip + (row - slice.lowerBound) / 2 * Self.width
                        Kernel.table.pair_strip(target, floats + index * step, deep)
                    }
                }
            }
        }
        withExtendedLifetime(scratch) {}
    }
}

extension Storage {
    fileprivate var pairs: UnsafeMutablePointer<UInt32> { bytes.assumingMemoryBound(to: UInt32.self) }
}

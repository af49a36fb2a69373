import CKernels

/// `y = start + left · right`, matrices of floats, worked out in blocks that stay in the caches (Goto & van de Geijn 2008).
///
/// Every element adds its products in the order of `inner`, from `start` on: its bits do not depend on the blocks, the
/// threads or its neighbours, and are those of the panels' kernels.
struct MatrixProduct {
    /// A matrix in rows of a float type, as it is or turned; or in panels of any type, as it is.
    struct Operand {
        let start: UnsafeRawPointer, rowBytes: Int, type: weight_t, isTurned: Bool, isPacked: Bool, isQuantized: Bool

        /// - Precondition: the tensor outlives the operand.
        init(_ tensor: Tensor, isTurned: Bool = false) {
            guard let type = tensor.dtype.weight, tensor.isPacked ? !isTurned : !tensor.dtype.isQuantized else {
                preconditionFailure("a product of floats, not of \(tensor.dtype) \(tensor.shape)")
            }
            (start, self.type, self.isTurned) = (UnsafeRawPointer(tensor.start), type, isTurned)
            (isPacked, isQuantized) = (tensor.isPacked, tensor.dtype.isQuantized)
            let width = tensor.shape.width
            rowBytes = isPacked ? panel_bytes(type, width) / Int(PANEL_ROWS) : tensor.dtype.bytes(for: width)
        }

        /// - Precondition: it is in rows.
        func at(_ row: Int, _ column: Int) -> UnsafeRawPointer {
            start + row * rowBytes + column * (type == WEIGHT_F32 ? 4 : 2)
        }

        /// - Precondition: it is in panels, and `row` begins one.
        func panel(_ row: Int) -> UnsafeRawPointer { start + row * rowBytes }

        /// Makes a strip of some rows and, at most the strip's, columns of the right operand of a product.
        func cut(_ strip: UnsafeMutablePointer<Float>, _ column: Int, _ count: Int, _ rows: Range<Int>) {
            if isTurned {
                let from = at(column, rows.lowerBound)
                Kernel.table.product_strip_columns(type, strip, from, rowBytes, rows.count, count)
            } else {
                let from = at(rows.lowerBound, column)
                Kernel.table.product_strip_rows(type, strip, from, rowBytes, rows.count, count)
            }
        }
    }

    /// `left` is float32 `[rows, inner]`, or turned `[inner, rows]`; `right` is `[inner, columns]`, or turned.
    let left, right: Operand, rows, columns, inner: Int
    /// Rounds both operands to bfloat16, where the machine multiplies such pairs.
    var inPairs = false

    /// Columns of `inner` in one slice: a strip and a tile of so many stay in the first cache.
    private static let deepest = 320
    /// Strips and tiles of one block in the second cache.
    private var widest: Int { left.isTurned ? 192 : 128 }
    private var tallest: Int { left.isTurned ? 144 : 512 }
    private static let rowsAtOnce = 192
    /// Floats of `right` that are packed at a time.
    private static let packedAtOnce = 1 << 22

    /// - Parameters:
    ///   - start: a row for all rows where the stride is 0; nil for zeros; `y` itself to add to it.
    func callAsFunction(_ y: UnsafeMutablePointer<Float>, start: UnsafePointer<Float>? = nil, stride: Int = 0) {
        guard inner > 0, rows > 0, columns > 0 else { return clear(y, start, stride) }
        if inPairs, PairProduct.isPossible { return PairProduct(self)(y, start: start, stride: stride) }
        let unit = right.isQuantized ? max(32, Kernel.table.product_width) : Kernel.table.product_width
        let depth = Self.share(inner, atMost: Self.deepest, of: right.isPacked ? Int(PANEL_ROWS) : 1)
        let wide = Self.share(columns, atMost: max(unit, Self.packedAtOnce / depth), of: unit)
        let deep = max(1, Self.packedAtOnce / (wide * depth)) * depth
        let scratch = Storage(wide * min(deep, (inner + depth - 1) / depth * depth) * 4)
        let strips = scratch.bytes.assumingMemoryBound(to: Float.self)
        for column in Swift.stride(from: 0, to: columns, by: wide) {
            for at in Swift.stride(from: 0, to: inner, by: deep) {
                let part = Part(
                    columns: column..<min(columns, column + wide),
                    inner: at..<min(inner, at + deep),
                    depth: depth,
                    strips: strips
                )
                pack(part)
                let isFirst = at == 0
                multiply(part, into: y, isFirst ? start : UnsafePointer(y), isFirst ? stride : columns)
            }
        }
        withExtendedLifetime(scratch) {}
    }

    /// Even shares of a whole, none above `most`, in multiples of `unit`.
    static func share(_ whole: Int, atMost most: Int, of unit: Int) -> Int {
        let count = max(1, (whole + most - 1) / most), share = (whole + count - 1) / count
        return (share + unit - 1) / unit * unit
    }

    /// Some columns of `right` and a part of its depth, packed: slice after slice, strip after strip.
    private struct Part {
        let columns, inner: Range<Int>, depth: Int
        let strips: UnsafeMutablePointer<Float>

        var slices: [Range<Int>] { stride(from: inner.lowerBound, to: inner.upperBound, by: depth).map(slice) }

        /// The slice that a row of `right` is in.
        func slice(_ row: Int) -> Range<Int> {
            let first = row - (row - inner.lowerBound) % depth
            return first..<min(inner.upperBound, first + depth)
        }

        /// That of its strips together.
        var width: Int {
            let unit = Kernel.table.product_width
            return (columns.count + unit - 1) / unit * unit
        }

        /// Where the strip of a column, the first of its strip, lies.
        func strip(_ column: Int, _ slice: Range<Int>) -> UnsafeMutablePointer<Float> {
            strips + (slice.lowerBound - inner.lowerBound) * width + (column - columns.lowerBound) * slice.count
        }
    }

    private func pack(_ part: Part) {
        if right.isPacked { return packPanels(part) }
        let unit = Kernel.table.product_width, slices = part.slices, across = part.width / unit
        parallel(rows: slices.count * across, grain: 8) { jobs, _ in
            for job in jobs {
                let slice = slices[job / across], column = part.columns.lowerBound + job % across * unit
                right.cut(part.strip(column, slice), column, min(unit, part.columns.upperBound - column), slice)
            }
        }
    }

    private func packPanels(_ part: Part) {
        let height = Int(PANEL_ROWS), first = part.inner.lowerBound
        parallel(rows: (part.inner.count + height - 1) / height, grain: 1) { panels, _ in
            for panel in panels {
                let row = first + panel * height, slice = part.slice(row)
                let target =
                    part.strip(part.columns.lowerBound, slice) + (row - slice.lowerBound) * Kernel.table.product_width
                Kernel.table
                    .product_strip_panel(
                        right.type,
                        target,
                        slice.count * Kernel.table.product_width,
                        right.panel(row),
                        part.columns.lowerBound,
                        part.columns.count,
                        min(height, part.inner.upperBound - row)
                    )
            }
        }
    }

    private struct Block {
        let rows, columns: Range<Int>
        let tiles: UnsafeMutablePointer<Float>
    }

    private func multiply(
        _ part: Part,
        into y: UnsafeMutablePointer<Float>,
        _ start: UnsafePointer<Float>?,
        _ stride: Int
    ) {
        let width = Self.share(part.columns.count, atMost: widest, of: Kernel.table.product_width)
        let across = (part.columns.count + width - 1) / width, wanted = (8 * Threads.count + across - 1) / across
        let most = min(tallest, max(144, (rows + wanted - 1) / wanted))
        let height = Self.share(rows, atMost: most, of: Kernel.table.product_tile), down = (rows + height - 1) / height
        let floats = left.isTurned ? height * part.depth : 0, scratch = Storage(max(1, Threads.count * floats) * 4)
        parallel(rows: across * down, grain: 1) { jobs, thread in
            let tiles = scratch.bytes.assumingMemoryBound(to: Float.self) + thread * floats
            for job in jobs {
                let x = part.columns.lowerBound + job / down * width, z = job % down * height
                let columns = x..<min(part.columns.upperBound, x + width), rows = z..<min(rows, z + height)
                fill(Block(rows: rows, columns: columns, tiles: tiles), part, y, start, stride)
            }
        }
        withExtendedLifetime(scratch) {}
    }

    private func fill(
        _ block: Block,
        _ part: Part,
        _ y: UnsafeMutablePointer<Float>,
        _ start: UnsafePointer<Float>?,
        _ stride: Int
    ) {
        let corner = y + block.rows.lowerBound * columns + block.columns.lowerBound
        let first = start.map { $0 + block.rows.lowerBound * stride + block.columns.lowerBound }
        for slice in part.slices {
            let isFirst = slice.lowerBound == part.inner.lowerBound
            let (from, step) = isFirst ? (first, stride) : (UnsafePointer(corner), columns)
            left.isTurned
                ? multiplyTiles(block, part, slice, corner, from, step)
                : multiplyRows(block, part, slice, corner, from, step)
        }
    }

    private func multiplyRows(
        _ block: Block,
        _ part: Part,
        _ slice: Range<Int>,
        _ y: UnsafeMutablePointer<Float>,
        _ from: UnsafePointer<Float>?,
        _ step: Int
    ) {
        let width = Kernel.table.product_width, floats = left.rowBytes / 4
        for row in stride(from: 0, to: block.rows.count, by: Self.rowsAtOnce) {
            let a = left.at(block.rows.lowerBound + row, slice.lowerBound).assumingMemoryBound(to: Float.self)
            let height = min(Self.rowsAtOnce, block.rows.count - row)
            for column in stride(from: 0, to: block.columns.count, by: width) {
                let count = min(width, block.columns.count - column)
                let strip = part.strip(block.columns.lowerBound + column, slice)
                let target = y + row * columns + column, begin = from.map { $0 + row * step + column }
                Kernel.table
                    .product_rows(target, columns, begin, step, a, floats, strip, height, slice.count, count)
            }
        }
    }

    private func multiplyTiles(
        _ block: Block,
        _ part: Part,
        _ slice: Range<Int>,
        _ y: UnsafeMutablePointer<Float>,
        _ from: UnsafePointer<Float>?,
        _ step: Int
    ) {
        let width = Kernel.table.product_width, (height, k) = (block.rows.count, slice.count)
        let a = left.at(slice.lowerBound, block.rows.lowerBound).assumingMemoryBound(to: Float.self)
        Kernel.table.product_tile_columns(block.tiles, a, left.rowBytes / 4, k, height)
        for column in stride(from: 0, to: block.columns.count, by: width) {
            let count = min(width, block.columns.count - column), begin = from.map { $0 + column }
            let strip = part.strip(block.columns.lowerBound + column, slice)
            Kernel.table
                .product_tiles(y + column, columns, begin, step, block.tiles, strip, height, k, count)
        }
    }

    /// A product of nothing.
    private func clear(_ y: UnsafeMutablePointer<Float>, _ start: UnsafePointer<Float>?, _ stride: Int) {
        for row in 0..<rows {
            for column in 0..<columns { y[row * columns + column] = start.map { $0[row * stride + column] } ?? 0 }
        }
    }
}

extension MatrixProduct {
    /// Adds the product to a sum in place, or makes the sum, of `shape`.
    func add(to sum: inout Tensor?, _ shape: Shape) {
        if sum == nil {
            let fresh = Tensor(empty: shape)
            self(fresh.floats)
            sum = fresh
        } else {
            sum!.change { self($0.baseAddress!, start: $0.baseAddress!, stride: columns) }
        }
    }
}

import CKernels

/// `y = start + left · right`, matrices of floats, worked out in blocks that stay in the caches (Goto & van de Geijn 2008).
///
/// Every element adds its products in the order of `inner`, from `start` on: its bits do not depend on the blocks, the
/// threads or its neighbours, and are those of the panels' kernels.
struct MatrixProduct {
    /// A matrix in rows of a float type, as it is or turned.
    struct Operand {
        let start: UnsafeRawPointer, rowBytes: Int, type: weight_t, isTurned: Bool

        /// - Precondition: the tensor is in plain rows and outlives the operand.
        init(_ tensor: Tensor, isTurned: Bool = false) {
            guard tensor.layout == .rows, let type = tensor.dtype.weight, !tensor.dtype.isQuantized else {
                preconditionFailure("a product of floats, not of \(tensor.dtype) \(tensor.shape)")
            }
            (start, rowBytes) = (UnsafeRawPointer(tensor.start), tensor.dtype.bytes(for: tensor.shape.width))
            (self.type, self.isTurned) = (type, isTurned)
        }

        func at(_ row: Int, _ column: Int) -> UnsafeRawPointer {
            start + row * rowBytes + column * (type == WEIGHT_F32 ? 4 : 2)
        }
    }

    /// `left` is float32 `[rows, inner]`, or turned `[inner, rows]`; `right` is `[inner, columns]`, or turned.
    let left, right: Operand, rows, columns, inner: Int

    private static let depth = 256
    /// Strips and tiles of one block in the second cache, a strip and a tile in the first.
    private var widest: Int { left.isTurned ? 192 : 128 }
    private var tallest: Int { left.isTurned ? 144 : 512 }
    private static let rowsAtOnce = 192

    /// - Parameters:
    ///   - start: a row for all rows where the stride is 0; nil for zeros; `y` itself to add to it.
    func callAsFunction(_ y: UnsafeMutablePointer<Float>, start: UnsafePointer<Float>? = nil, stride: Int = 0) {
        let width = Self.share(columns, atMost: widest, of: Kernel.table.product_width)
        let across = (columns + width - 1) / max(width, 1), wanted = (3 * Threads.count + across - 1) / max(across, 1)
        let most = min(tallest, max(144, (rows + wanted - 1) / wanted))
        let height = Self.share(rows, atMost: most, of: Kernel.table.product_tile)
        let down = (rows + height - 1) / max(height, 1)
        let floats = (width + height) * Self.depth, scratch = Storage(Threads.count * floats * 4)
        parallel(rows: across * down, grain: 1) { jobs, thread in
            let own = scratch.bytes.assumingMemoryBound(to: Float.self) + thread * floats
            for job in jobs {
                let (x, z) = (job / down * width, job % down * height)
                let block = Block(
                    rows: z..<min(rows, z + height),
                    columns: x..<min(columns, x + width),
                    strips: own,
                    tiles: own + width * Self.depth
                )
                fill(block, of: y, start, stride)
            }
        }
        withExtendedLifetime(scratch) {}
    }

    /// Even shares of a whole, none above `most`, in multiples of `unit`.
    private static func share(_ whole: Int, atMost most: Int, of unit: Int) -> Int {
        let count = max(1, (whole + most - 1) / most), share = (whole + count - 1) / count
        return (share + unit - 1) / unit * unit
    }

    private struct Block {
        let rows, columns: Range<Int>
        let strips, tiles: UnsafeMutablePointer<Float>
    }

    private func fill(
        _ block: Block,
        of y: UnsafeMutablePointer<Float>,
        _ start: UnsafePointer<Float>?,
        _ stride: Int
    ) {
        let corner = block.rows.lowerBound * columns + block.columns.lowerBound
        let first = start.map { $0 + block.rows.lowerBound * stride + block.columns.lowerBound }
        if inner == 0 { return clear(block, y + corner, first, stride) }
        for at in Swift.stride(from: 0, to: inner, by: Self.depth) {
            let slice = at..<min(inner, at + Self.depth)
            cutStrips(block, slice)
            let from = at == 0 ? first : UnsafePointer(y + corner), step = at == 0 ? stride : columns
            left.isTurned
                ? multiplyTiles(block, slice, y + corner, from, step)
                : multiplyRows(block, slice, y + corner, from, step)
        }
    }

    private func cutStrips(_ block: Block, _ slice: Range<Int>) {
        let width = Kernel.table.product_width
        for column in stride(from: block.columns.lowerBound, to: block.columns.upperBound, by: width) {
            let strip = block.strips + (column - block.columns.lowerBound) * slice.count
            let count = min(width, block.columns.upperBound - column)
            if right.isTurned {
                let from = right.at(column, slice.lowerBound)
                Kernel.table.product_strip_columns(right.type, strip, from, right.rowBytes, slice.count, count)
            } else {
                let from = right.at(slice.lowerBound, column)
                Kernel.table.product_strip_rows(right.type, strip, from, right.rowBytes, slice.count, count)
            }
        }
    }

    private func multiplyRows(
        _ block: Block,
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
                let (count, strip) = (min(width, block.columns.count - column), block.strips + column * slice.count)
                let target = y + row * columns + column, begin = from.map { $0 + row * step + column }
                Kernel.table
                    .product_rows(target, columns, begin, step, a, floats, strip, height, slice.count, count)
            }
        }
    }

    private func multiplyTiles(
        _ block: Block,
        _ slice: Range<Int>,
        _ y: UnsafeMutablePointer<Float>,
        _ from: UnsafePointer<Float>?,
        _ step: Int
    ) {
        let width = Kernel.table.product_width
        let a = left.at(slice.lowerBound, block.rows.lowerBound).assumingMemoryBound(to: Float.self)
        Kernel.table.product_tile_columns(block.tiles, a, left.rowBytes / 4, slice.count, block.rows.count)
        for column in stride(from: 0, to: block.columns.count, by: width) {
            let (count, strip) = (min(width, block.columns.count - column), block.strips + column * slice.count)
            let begin = from.map { $0 + column }
            Kernel.table
                .product_tiles(
                    y + column,
                    columns,
                    begin,
                    step,
                    block.tiles,
                    strip,
                    block.rows.count,
                    slice.count,
                    count
                )
        }
    }

    /// A product of nothing.
    private func clear(_ block: Block, _ y: UnsafeMutablePointer<Float>, _ from: UnsafePointer<Float>?, _ step: Int) {
        for row in 0..<block.rows.count {
            for column in 0..<block.columns.count {
                y[row * columns + column] = from.map { $0[row * step + column] } ?? 0
            }
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

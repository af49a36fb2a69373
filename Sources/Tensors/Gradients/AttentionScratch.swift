import CKernels

/// One thread's memory for the gradients of attention, and the products made in it.
struct AttentionScratch {
    typealias Floats = UnsafeMutablePointer<Float>

    /// Keys and values in strips of positions, `[width]` each; keys in strips of coordinates, `[positions]` each.
    let keysTurned, valuesTurned, keys: Floats
    /// `[tile, positions]`: attention's weights, and the gradient with respect to them; slopes of one row's caps.
    let weights, errors, slopes: Floats
    /// Left and right operands of one product.
    private let tiles, strips: Floats
    private let positions, width: Int

    /// Query rows at a time.
    static let tile = 48

    private static func padded(_ count: Int) -> Int { (count + 63) / 64 * 64 }

    static func floats(_ positions: Int, _ width: Int) -> Int {
        let n = padded(positions), w = padded(width), tile = padded(AttentionScratch.tile)
        return 3 * n * w + 3 * tile * n + n + tile * w
    }

    init(_ start: Floats, _ positions: Int, _ width: Int) {
        let n = Self.padded(positions), w = Self.padded(width), tile = Self.padded(AttentionScratch.tile)
        (keysTurned, valuesTurned, keys) = (start, start + n * w, start + 2 * n * w)
        weights = start + 3 * n * w
        (errors, tiles, slopes) = (weights + tile * n, weights + 2 * tile * n, weights + 3 * tile * n)
        strips = slopes + n
        (self.positions, self.width) = (n, width)
    }

    private var strip: Int { Kernel.table.product_width }

    /// `[strip of rows][width][strip]`
    func turnedStrips(_ target: Floats, _ rows: Floats, _ step: Int, _ count: Int) {
        for row in stride(from: 0, to: count, by: strip) {
            let some = min(strip, count - row)
            Kernel.table.product_strip_columns(
                WEIGHT_F32,
                target + row * width,
                rows + row * step,
                step * 4,
                width,
                some
            )
        }
    }

    /// `[strip of coordinates][positions][strip]`
    func plainStrips(_ target: Floats, _ rows: Floats, _ step: Int, _ count: Int) {
        for column in stride(from: 0, to: width, by: strip) {
            let some = min(strip, width - column), at = target + column * positions
            Kernel.table.product_strip_rows(WEIGHT_F32, at, rows + column, step * 4, count, some)
        }
    }

    /// `y[rows][columns] = a · strips`, where a strip has `inner` rows.
    func multiply(_ y: Floats, _ columns: Int, _ a: Floats, _ step: Int, _ strips: Floats, _ rows: Int, _ inner: Int) {
        for column in stride(from: 0, to: columns, by: strip) {
            let some = min(strip, columns - column), right = strips + column * inner
            Kernel.table.product_rows(y + column, columns, nil, 0, a, step, right, rows, inner, some)
        }
    }

    /// `y[rows] = errors · keys`, of the keys from position `first` on.
    func multiplyKeys(into y: Floats, _ step: Int, _ errors: Floats, _ seen: Int, _ rows: Int, from first: Int) {
        for column in stride(from: 0, to: width, by: strip) {
            let some = min(strip, width - column), right = keys + column * positions + first * strip
            Kernel.table.product_rows(y + column, step, nil, 0, errors, seen, right, rows, seen, some)
        }
    }

    /// `y[positions] += xᵀ · rows`, where `x` is `[inner, seen]`.
    func multiplyTurned(
        into y: Floats,
        _ step: Int,
        _ x: Floats,
        _ seen: Int,
        _ rows: Floats,
        _ apart: Int,
        _ inner: Int
    ) {
        Kernel.table.product_tile_columns(tiles, x, seen, inner, seen)
        for column in stride(from: 0, to: width, by: strip) {
            let some = min(strip, width - column)
            Kernel.table.product_strip_rows(WEIGHT_F32, strips, rows + column, apart * 4, inner, some)
            Kernel.table.product_tiles(y + column, step, y + column, step, tiles, strips, seen, inner, some)
        }
    }
}

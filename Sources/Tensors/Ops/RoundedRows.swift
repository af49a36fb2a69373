import CKernels

/// Rows rounded to bytes with scales, in the tiles that quantised products read.
struct RoundedRows: Sendable {
    let tiles: Storage, rows, width: Int

    /// Nothing is rounded yet.
    init(_ rows: Int, _ width: Int) {
        (tiles, self.rows, self.width) = (Storage(rows * activation_bytes(width)), rows, width)
    }

    /// How many tiles rows make; each but the last has ``height`` rows.
    static func tiles(of rows: Int) -> Int { (rows + height - 1) / height }
    static var height: Int { Kernel.table.tile_rows }

    /// Rounds the rows of some tiles of `part`, which begins one.
    ///
    /// - Parameter source: row 0.
    func round(_ pieces: Range<Int>, of part: Range<Int>, _ source: UnsafePointer<Float>) {
        let rowBytes = activation_bytes(width), height = Self.height
        for first in pieces.lazy.map({ part.lowerBound + $0 * height }) {
            let count = min(height, part.upperBound - first)
            Kernel.table.quantize_tile(tiles.bytes + first * rowBytes, source + first * width, width, count, width)
        }
    }
}

/// Makes rows on all threads; where quantised weights read them next, each tile is rounded as soon as it is made, while it is in the
/// nearest cache.
///
/// - Parameters:
///   - grain: the fewest rows worth handing to another thread.
///   - make: writes some rows, given where row 0 is.
func madeRows(
    _ shape: Shape,
    isRounded: Bool,
    grain: Int,
    _ make: (_ rows: Range<Int>, _ target: UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
    let y = Tensor(empty: shape), target = y.floats, rows = shape.rows
    guard isRounded, shape.width % 32 == 0 else {
        parallel(rows: rows, grain: grain) { range, _ in make(range, target) }
        return y
    }
    let rounded = RoundedRows(rows, shape.width), height = RoundedRows.height
    parallel(rows: RoundedRows.tiles(of: rows), grain: max(1, grain / height)) { pieces, _ in
        for piece in pieces {
            make(piece * height..<min(rows, (piece + 1) * height), target)
            rounded.round(piece..<piece + 1, of: 0..<rows, target)
        }
    }
    return y.with(rounded)
}

import CKernels

/// Some consecutive rows that go through maps of their own.
public struct RowGroup: Sendable {
    public let rows: Range<Int>, maps: [AffineMap]

    /// - Parameter maps: without adapters.
    public init(rows: Range<Int>, maps: [AffineMap]) {
        precondition(maps.allSatisfy { $0.adapter == nil }, "a group's maps have no adapters")
        (self.rows, self.maps) = (rows, maps)
    }

    /// All rows.
    init(all rows: Int, _ maps: [AffineMap]) { (self.rows, self.maps) = (0..<rows, maps) }
}

/// `x · weightᵀ + bias` for groups of rows, each with weights of its own: the sum of all groups' work is done at once.
///
/// Each row of a result depends on that row of `x` and its group's map alone, to the bit, as in ``linear(_:_:)``.
///
/// - Parameters:
///   - x: `[rows, inputs]`.
///   - groups: together they cover the rows, in order. All have equally many maps, with equally many outputs.
/// - Returns: for each place in the groups' maps `[rows, outputs]`.
public func linear(_ x: Tensor, groups: [RowGroup]) -> [Tensor] {
    let rows = x.shape.rows
    precondition(groups.reduce(0) { $1.rows.lowerBound == $0 ? $1.rows.upperBound : -1 } == rows, "groups of \(rows)")
    guard let widths = groups.first?.maps.map({ $0.weight.shape[0] }) else { return [] }
    let results = widths.map { Tensor(empty: [rows, $0]) }
    multiply(x, groups, into: results)
    guard x.isTracked || groups.contains(where: { $0.maps.contains(where: \.isTracked) }) else { return results }
    let kept = Kept(x), isWanted = x.isTracked
    return results.enumerated().map { place, y in
        let maps = groups.map { $0.maps[place] }, ranges = groups.map(\.rows)
        return y.made(
            from: [x] + maps.flatMap { [$0.weight, $0.bias] },
            adding: { addGradients(kept, isWanted: isWanted, ranges, maps, $0, to: &$1) }
        )
    }
}

/// The sums are x's, then each map's weight's and bias's.
private func addGradients(
    _ x: Kept,
    isWanted: Bool,
    _ ranges: [Range<Int>],
    _ maps: [AffineMap],
    _ dy: Tensor,
    to sums: inout [Tensor?]
) {
    var whole = isWanted ? sums[0] ?? Tensor.zeros(x.shape) : nil
    sums[0] = nil
    for (index, (rows, map)) in zip(ranges, maps).enumerated() {
        var own: [Tensor?] = [nil, sums[1 + 2 * index], sums[2 + 2 * index]]
        (sums[1 + 2 * index], sums[2 + 2 * index]) = (nil, nil)
        addLinearGradients(x.rows(rows), isWanted: isWanted, map, dy.rows(rows), to: &own)
        (sums[1 + 2 * index], sums[2 + 2 * index]) = (own[1], own[2])
        if let part = own[0] { whole?.add(part, at: rows.lowerBound) }
    }
    sums[0] = whole
}

extension Tensor {
    /// Adds some rows to those from `row` on.
    fileprivate mutating func add(_ part: Tensor, at row: Int) {
        let width = shape.width, source = part.floats
        change {
            Kernel.table.add($0.baseAddress! + row * width, $0.baseAddress! + row * width, source, part.shape.elements)
        }
        withExtendedLifetime(part) {}
    }
}

/// Lays rows end to end: `[Σ rows, width]` from parts `[rows, width]`.
public func concatenated(_ parts: [Tensor]) -> Tensor {
    guard let width = parts.first?.shape.width else { preconditionFailure("concatenated: nothing") }
    precondition(parts.allSatisfy { $0.shape.count == 2 && $0.shape.width == width }, "concatenated: widths differ")
    let ends = parts.reduce(into: [0]) { $0.append($0.last! + $1.shape.rows) }
    let y = Tensor([ends.last!, width]) { target in
        for (part, start) in zip(parts, ends) {
            (target + start * width).update(from: part.floats, count: part.shape.elements)
        }
    }
    return withExtendedLifetime(parts) {
        y.made(from: parts) { gradient in parts.indices.map { gradient.rows(ends[$0]..<ends[$0 + 1]) } }
    }
}

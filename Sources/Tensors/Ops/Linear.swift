/// A weight `[outputs, inputs]` of any dtype, and perhaps a bias `[outputs]` and a correction of low rank; and of a head, how far
/// its scores go.
public struct AffineMap: Sendable {
    public let weight: Tensor
    public let bias: Tensor?
    public let adapter: LowRank?
    /// Each result `y` becomes `cap · tanh(y / cap)`; 0 for none.
    public let cap: Float
    /// Whether products round a float32 weight to bfloat16, as if it were a copy in that type.
    public let isRounded: Bool
    /// The same in plain values, where the weight is packed.
    let packed: PackedMap?
    /// Whether there is more to it than the products of a forward pass.
    let isMore: Bool

    /// - Precondition: only machines that multiply bfloat16 round: see ``DType/isRoundedInProducts``.
    public init(
        _ weight: Tensor,
        bias: Tensor? = nil,
        adapter: LowRank? = nil,
        cap: Float = 0,
        isRounded: Bool = false
    ) {
        precondition(weight.shape.count == 2, "a weight is a matrix, not \(weight.shape)")
        precondition(bias == nil || bias?.shape == [weight.shape[0]], "bias \(bias!.shape) of weight \(weight.shape)")
        precondition(!isRounded || weight.isPlain && PairProduct.isPossible, "products do not round \(weight.dtype)")
        (self.weight, self.bias, self.adapter, self.cap) = (weight, bias, adapter, cap)
        self.isRounded = isRounded
        packed = weight.isPacked ? PackedMap(weight, bias) : nil
        isMore = weight.isTracked || bias?.isTracked ?? false || adapter != nil || cap > 0
    }

    /// Whether its products are of bfloat16, where the machine multiplies such pairs.
    var isInPairs: Bool { isRounded || weight.dtype == .bfloat16 }
}

extension DType {
    /// Whether products of float32 matrices can round them to this type, so that nobody need make a copy.
    public var isRoundedInProducts: Bool { self == .bfloat16 && PairProduct.isPossible }
}

/// What an adapter adds to a weight: `up · down` (Hu et al. 2021).
public struct LowRank: Sendable {
    /// `[rank, inputs]` and `[outputs, rank]`.
    public let down, up: Tensor

    public init(down: Tensor, up: Tensor) {
        precondition(
            down.shape.count == 2 && up.shape.count == 2 && down.shape[0] == up.shape[1],
            "no product of \(up.shape) and \(down.shape)"
        )
        (self.down, self.up) = (down, up)
    }
}

/// Returns `x · weightᵀ + bias`, for a weight of any dtype; `x` is `[…, inputs]`, the result `[…, outputs]`.
///
/// For a quantised weight, `x` is rounded to 8 bits with a scale for each 32 values. Each row of the result depends on that
/// row of `x` alone, to the bit.
public func linear(_ x: Tensor, _ weight: Tensor, bias: Tensor? = nil) -> Tensor {
    linear(x, [AffineMap(weight, bias: bias)])[0]
}

/// Returns `x · weightᵀ + bias`, adapters added, for several maps of one `x`, which is rounded and read only once.
public func linear(_ x: Tensor, _ maps: [AffineMap]) -> [Tensor] {
    let results = maps.indices.map { Tensor(empty: x.shape.replacingWidth(maps[$0].weight.shape[0])) }
    multiply(x, CollectionOfOne(RowGroup(all: x.shape.rows, maps)), into: results)
    guard x.isTracked || maps.contains(where: \.isMore) else { return results }
    let kept = Kept(x), isWanted = x.isTracked
    return zip(results, maps).map { y, map in
        let y = y.made(
            from: [x, map.weight, map.bias],
            adding: { addLinearGradients(kept, isWanted: isWanted, map, $0, to: &$1) }
        )
        let sum = map.adapter.map { y + linear(linear(x, $0.down), $0.up) } ?? y
        return map.cap > 0 ? softcapped(sum, map.cap) : sum
    }
}

extension AffineMap {
    var isTracked: Bool { weight.isTracked || bias?.isTracked ?? false }
}

extension Tensor {
    /// Whether a weight is in rows of floats, as those that learn are: it is packed block by block while it is multiplied.
    var isPlain: Bool { layout == .rows && !dtype.isQuantized }
}

private func multiply(_ x: Tensor, _ map: AffineMap, into y: UnsafeMutablePointer<Float>) {
    let (outputs, inputs) = (map.weight.shape[0], map.weight.shape[1])
    precondition(x.shape.width == inputs, "linear: \(x.shape.width) inputs do not fit weight \(map.weight.shape)")
    precondition(x.dtype == .float32, "linear: rows of \(x.dtype)")
    let product = MatrixProduct(
        left: .init(x),
        right: .init(map.weight, isTurned: true),
        rows: x.shape.rows,
        columns: outputs,
        inner: inputs,
        inPairs: map.isInPairs
    )
    withExtendedLifetime((x, map)) { product(y, start: map.bias.map { UnsafePointer($0.floats) }) }
}

/// Multiplies each group's rows by its maps, into `results`, one for each place of the maps.
///
/// Every map of a forward pass comes through here, a mixture's token with a dozen at once, so nothing is counted or copied for each
/// that need not be.
func multiply(_ x: Tensor, _ groups: some Collection<RowGroup>, into results: [Tensor]) {
    let x = x.detached, rows = x.shape.rows
    var repacked: [Tensor] = [], inputs: Inputs?
    withUnsafeTemporaryAllocation(of: Product.self, capacity: groups.count * results.count) { products in
        var count = 0
        for group in groups {
            for place in group.maps.indices {
                let width = results[place].shape.width, shape = group.maps[place].weight.shape
                precondition(shape[0] == width, "linear: \(shape) among \(results[place].shape)")
                let target = results[place].floats + group.rows.lowerBound * width
                guard !group.maps[place].weight.isPlain else {
                    multiply(group.rows.count == rows ? x : x.rows(group.rows), group.maps[place], into: target)
                    continue
                }
                if inputs == nil { inputs = Inputs(x, of: groups) }
                let map = group.maps[place].packed ?? packedMap(group.maps[place], &repacked)
                products.initializeElement(at: count, to: Product(map, inputs!, rows: group.rows, into: target))
                count += 1
            }
        }
        multiply(UnsafeBufferPointer(rebasing: products[..<count]))
    }
    withExtendedLifetime((groups, inputs, repacked, results)) {}
}

/// A map whose weight nobody has packed.
private func packedMap(_ map: AffineMap, _ kept: inout [Tensor]) -> PackedMap {
    let weight = map.weight.packed()
    kept.append(weight)
    return PackedMap(weight, map.bias)
}

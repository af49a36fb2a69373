import CKernels

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
    let results = maps.map { Tensor(empty: x.shape.replacingWidth($0.weight.shape[0])) }
    multiply(x, [RowGroup(all: x.shape.rows, maps)], into: results)
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

    /// Whether there is more to it than the products of a forward pass.
    fileprivate var isMore: Bool { isTracked || adapter != nil || cap > 0 }
}

extension Tensor {
    /// Whether a weight is in rows of floats, as those that learn are: it is packed block by block while it is multiplied.
    fileprivate var isPlain: Bool {
        layout == .rows && !dtype.isQuantized
    }
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

/// Works all panels of all products out, on all threads.
private func multiply(_ products: [Product]) {
    products.withUnsafeBufferPointer { products in
        let panels = products.reduce(0) { $0 + $1.panels }
        parallel(rows: panels, grain: 1, reading: reading(products)) { range, _ in
            for index in range {
                var which = 0, panel = index
                while panel >= products[which].panels { (panel, which) = (panel - products[which].panels, which + 1) }
                products[which].multiply(panel)
            }
        }
    }
}

/// What several products read, where they are the same at each step, as those of a mixture's experts are not.
private func reading(_ products: UnsafeBufferPointer<Product>) -> reading_t? {
    guard products.count <= Int(READING_PARTS) else { return nil }
    var reading = reading_t()
    for (part, product) in products.enumerated() {
        reading_add(&reading, Int32(part), product.weight, product.panelBytes, product.panels)
    }
    return reading
}

/// Multiplies each group's rows by its maps, into `results`, one for each place of the maps.
///
/// Every map of a forward pass comes through here, a mixture's token with a dozen at once, so nothing is counted or copied for each
/// that need not be.
func multiply(_ x: Tensor, _ groups: [RowGroup], into results: [Tensor]) {
    let x = x.detached, rows = x.shape.rows
    var packed: [Tensor] = [], products: [Product] = [], inputs: Inputs?
    products.reserveCapacity(groups.count * results.count)
    for group in groups {
        for (place, map) in group.maps.enumerated() {
            let width = results[place].shape.width
            precondition(map.weight.shape[0] == width, "linear: \(map.weight.shape) among \(results[place].shape)")
            let target = results[place].floats + group.rows.lowerBound * width
            guard !map.weight.isPlain else {
                multiply(group.rows.count == rows ? x : x.rows(group.rows), map, into: target)
                continue
            }
            if inputs == nil { inputs = Inputs(x, of: groups) }
            if !map.weight.isPacked { packed.append(map.weight.packed()) }
            let weight = map.weight.isPacked ? map.weight : packed[packed.count - 1]
            products.append(Product(weight, map.bias, inputs!, rows: group.rows, into: target))
        }
    }
    withExtendedLifetime((groups, inputs, packed, results)) { multiply(products) }
}

/// One product, in plain values: the threads share it without counting references.
private struct Product {
    let weight: UnsafeMutableRawPointer, type: weight_t, panels, panelBytes, inputs, outputs, rows: Int
    let bias: UnsafePointer<Float>?, y: UnsafeMutablePointer<Float>
    let floats: UnsafePointer<Float>, tiles: UnsafeRawPointer?, halves: UnsafePointer<UInt16>?

    /// - Parameter packed: what it holds must live until the product has been worked out, and so must `x`.
    init(_ packed: Tensor, _ bias: Tensor?, _ x: Inputs, rows: Range<Int>, into y: UnsafeMutablePointer<Float>) {
        guard let type = packed.dtype.weight else { preconditionFailure("linear: no weight of \(packed.dtype)") }
        let inputs = x.floats.shape.width
        precondition(packed.shape[1] == inputs, "linear: \(inputs) inputs do not fit weight \(packed.shape)")
        (weight, self.type, panels, panelBytes) = (packed.start, type, packed.panelCount, panel_bytes(type, inputs))
        (self.inputs, outputs, self.rows, self.y) = (inputs, packed.shape[0], rows.count, y)
        self.bias = bias.map { UnsafePointer($0.floats) }
        let first = rows.lowerBound
        floats = UnsafePointer(x.floats.floats) + first * inputs
        tiles =
            packed.dtype.isQuantized
            ? x.tiles.map { UnsafeRawPointer($0.bytes) + first * activation_bytes(inputs) } : nil
        halves =
            packed.dtype == .bfloat16 ? x.halves.map { UnsafePointer($0.pointer) + first * (inputs + inputs % 2) } : nil
    }

    func multiply(_ index: Int) {
        let first = index * Int(PANEL_ROWS), columns = min(Int(PANEL_ROWS), outputs - first), k = inputs
        let panel = weight + index * panelBytes, bias = bias.map { $0 + first }
        if let tiles {
            Kernel.table.panel_quantized(type, y + first, outputs, panel, tiles, rows, k, columns, bias)
        } else if let halves {
            Kernel.table.panel_bfloat(y + first, outputs, panel, halves, k + k % 2, rows, k, columns, bias)
        } else {
            Kernel.table.panel_float(type, y + first, outputs, panel, floats, k, rows, k, columns, bias)
        }
    }
}

/// The rows of `x` in the forms that the weights' kernels read.
private struct Inputs {
    let floats: Tensor, tiles, halves: Storage?

    init(_ x: Tensor, of groups: [RowGroup]) {
        var isRounded = false, isHalved = false
        for group in groups {
            for map in group.maps where !map.weight.isPlain {
                isRounded = isRounded || map.weight.dtype.isQuantized
                isHalved = isHalved || map.weight.dtype == .bfloat16
            }
        }
        floats = x
        tiles = isRounded ? Inputs.tiles(x, groups) : nil
        halves = isHalved && Kernel.table.panel_bfloat != nil ? Inputs.halves(x) : nil
    }

    /// int8 with scales, in the tiles that the kernels read; each group's rows begin one.
    private static func tiles(_ x: Tensor, _ groups: [RowGroup]) -> Storage {
        if groups.count == 1, let rounded = x.rounded { return rounded.tiles }
        let rounded = RoundedRows(x.shape.rows, x.shape.width), source = x.floats
        if groups.count == 1 {
            let rows = groups[0].rows, grain = max(1, leastRounded / (RoundedRows.height * x.shape.width))
            parallel(rows: RoundedRows.tiles(of: rows.count), grain: grain) { range, _ in
                rounded.round(range, of: rows, source)
            }
        } else {
            parallel(rows: groups.count, grain: max(1, leastRounded / x.shape.width)) { range, _ in
                for group in groups[range] {
                    rounded.round(0..<RoundedRows.tiles(of: group.rows.count), of: group.rows, source)
                }
            }
        }
        return rounded.tiles
    }

    /// Elements that are worth handing to another thread.
    private static let leastRounded = 8192

    /// bfloat16, each row padded to an even number.
    private static func halves(_ x: Tensor) -> Storage {
        let k = x.shape.width, stride = k + k % 2, source = x.floats
        let halves = Storage(x.shape.rows * stride * 2)
        parallel(rows: x.shape.rows, grain: 16) { rows, _ in
            for row in rows { Kernel.table.round_to_bfloat(halves.pointer + row * stride, source + row * k, k) }
        }
        return halves
    }
}

extension Storage {
    fileprivate var pointer: UnsafeMutablePointer<UInt16> { bytes.assumingMemoryBound(to: UInt16.self) }
}

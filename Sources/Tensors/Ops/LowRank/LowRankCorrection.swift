import CKernels

/// What an adapter changes about a map, ready for some rows of a batch: `up · down` is added to the weight (Hu et al. 2021), and the
/// rows of the sum may have lengths of their own (Liu et al. 2024).
public struct LowRankCorrection: Sendable {
    /// `[rank, inputs]` and, turned, `[rank, outputs]`; float32.
    let down, up: Tensor
    /// What each output is multiplied by, but for the bias.
    let gain, bias: Tensor?

    /// - Parameters:
    ///   - weight, bias: those of the map, `[outputs, inputs]` and `[outputs]`.
    ///   - down, up: `[rank, inputs]` and `[outputs, rank]`, the adapter's factor in one of them.
    ///   - lengths: of the rows of the sum, `[outputs]`; nil where they stay as they come.
    public init(_ weight: Tensor, bias: Tensor?, down: Tensor, up: Tensor, lengths: Tensor? = nil) {
        let sum = LowRankSum(weight, a: down, b: up)
        (self.down, self.up) = (sum.a, Self.turned(sum.b))
        gain = lengths.map { lengths in
            let norms = sum.norms.scalars, wanted = lengths.scalars
            precondition(wanted.count == norms.count, "LowRankCorrection: \(wanted.count) lengths of \(weight.shape)")
            return Tensor(norms.indices.map { norms[$0] > 0 ? wanted[$0] / norms[$0] : 0 }, shape: [norms.count])
        }
        self.bias = gain == nil ? nil : bias
    }

    /// What it holds of the memory.
    public var bytes: Int { [down, up, gain].compactMap { $0?.shape.elements }.reduce(0, +) * 4 }

    var rank: Int { down.shape[0] }

    private static func turned(_ tensor: Tensor) -> Tensor {
        let (rows, columns) = (tensor.shape[0], tensor.shape[1])
        return withExtendedLifetime(tensor) {
            Tensor([columns, rows]) { Kernel.table.transpose($0, rows, tensor.floats, columns, rows, columns) }
        }
    }
}

/// Rows of one of several results that get a correction.
public struct CorrectedRows: Sendable {
    let result: Int, rows: [Int32], correction: LowRankCorrection

    public init(_ rows: [Int32], of result: Int, by correction: LowRankCorrection) {
        (self.result, self.rows, self.correction) = (result, rows, correction)
    }
}

/// Corrects some rows of what maps have made of `x`: all thin products on the way down at once, then all on the way up.
///
/// Each row depends on that row of `x` and of the result and on its correction alone, to the bit. Nothing has a gradient here: what
/// trains adapters is `LowRankUpdate`, in the networks.
///
/// - Parameters:
///   - results: `[rows, outputs]` each.
///   - x: `[rows, inputs]`.
public func correct(_ results: inout [Tensor], _ x: Tensor, _ corrections: [CorrectedRows]) {
    guard !corrections.isEmpty else { return }
    precondition(!x.isTracked, "a correction of rows has no gradient")
    for result in Set(corrections.map(\.result)) { results[result].change { _ in } }
    let words = corrections.reduce(1) { $0 + $1.rows.count * ($1.correction.rank + 1) }, scratch = Storage(words * 4)
    var space = scratch.bytes, products: [ThinProduct] = []
    for entry in corrections where !entry.rows.isEmpty {
        let product = ThinProduct(entry, x, results[entry.result], space)
        products.append(product)
        space += product.count * (product.rank + 1) * 4
    }
    work(products, \.downUnits) { $0.down($1) }
    work(products, \.upUnits) { $0.up($1) }
    withExtendedLifetime((results, x, corrections, scratch)) {}
}

/// Works the units of all products out, on all threads.
private func work(_ products: [ThinProduct], _ units: (ThinProduct) -> Int, _ body: (ThinProduct, Int) -> Void) {
    let counts = products.map(units)
    parallel(rows: counts.reduce(0, +), grain: 1) { range, _ in
        for index in range {
            var which = 0, unit = index
            while unit >= counts[which] { (unit, which) = (unit - counts[which], which + 1) }
            body(products[which], unit)
        }
    }
}

/// One correction in plain values: the threads share it without counting references.
private struct ThinProduct {
    let x, down, up: UnsafePointer<Float>, gain, bias: UnsafePointer<Float>?
    let y, between: UnsafeMutablePointer<Float>, rows: UnsafePointer<Int32>
    let count, rank, inputs, outputs: Int

    /// Rows, ranks and columns of one unit of work.
    private static let tall = 32, deep = 8, wide = 512

    /// - Parameter space: for the rows' numbers and what goes between the two products. Whatever is pointed to must live until they
    ///   have been worked out.
    init(_ entry: CorrectedRows, _ x: Tensor, _ y: Tensor, _ space: UnsafeMutableRawPointer) {
        let correction = entry.correction
        (inputs, outputs, rank) = (correction.down.shape[1], correction.up.shape[1], correction.rank)
        precondition(
            x.shape.width == inputs && y.shape.width == outputs && x.shape.rows == y.shape.rows,
            "correct: \(x.shape) and \(y.shape) for a map of [\(outputs), \(inputs)]"
        )
        precondition(entry.rows.allSatisfy { $0 >= 0 && $0 < x.shape.rows }, "correct: rows outside of \(x.shape)")
        (self.x, self.y, count) = (UnsafePointer(x.floats), y.floats, entry.rows.count)
        (down, up) = (UnsafePointer(correction.down.floats), UnsafePointer(correction.up.floats))
        gain = correction.gain.map { UnsafePointer($0.floats) }
        bias = correction.bias.map { UnsafePointer($0.floats) }
        let numbers = space.bindMemory(to: Int32.self, capacity: count)
        numbers.initialize(from: entry.rows, count: count)
        rows = UnsafePointer(numbers)
        between = (space + count * 4).bindMemory(to: Float.self, capacity: count * rank)
    }

    private var bands: Int { (count + Self.tall - 1) / Self.tall }
    var downUnits: Int { bands * ((rank + Self.deep - 1) / Self.deep) }
    var upUnits: Int { bands * ((outputs + Self.wide - 1) / Self.wide) }

    func down(_ unit: Int) {
        let first = unit % bands * Self.tall, k = unit / bands * Self.deep
        Kernel.table.low_rank_down(
            between + first * rank + k,
            rank,
            down + k * inputs,
            min(Self.deep, rank - k),
            x,
            inputs,
            rows + first,
            min(Self.tall, count - first),
            inputs
        )
    }

    func up(_ unit: Int) {
        let first = unit % bands * Self.tall, column = unit / bands * Self.wide
        Kernel.table.low_rank_up(
            y + column,
            outputs,
            rows + first,
            min(Self.tall, count - first),
            between + first * rank,
            rank,
            rank,
            up + column,
            outputs,
            min(Self.wide, outputs - column),
            gain.map { $0 + column },
            bias.map { $0 + column }
        )
    }
}

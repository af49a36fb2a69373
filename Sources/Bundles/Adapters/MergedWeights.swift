import Checkpoints
import Tensors

/// A base's weights with an adapter worked in: `W + s·B·A` and, for DoRA, each row stretched to its own length.
///
/// What the adapter does not change stays as the base has it; what it changes is float32.
struct MergedWeights: NamedWeights {
    private let base: any NamedWeights, adapter: AdapterBundle
    private let changed: Set<String>

    init(_ base: any NamedWeights, _ adapter: AdapterBundle) {
        (self.base, self.adapter) = (base, adapter)
        changed = Set(adapter.maps.map { $0 + ".weight" })
    }

    var entries: [WeightEntry] {
        base.entries.map { changed.contains($0.name) ? WeightEntry($0.name, .float32, $0.shape) : $0 }
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let weight = try base.tensor(name, nil), changed.contains(name) else { return try base.tensor(name, nil) }
        let map = String(name.dropLast(".weight".count))
        guard let a = adapter.tensors[map + AdapterBundle.inner], let b = adapter.tensors[map + AdapterBundle.outer]
        else {
            return weight
        }
        let sum = Self.sum(weight, a, b, scale: adapter.configuration.scale)
        let lengths = adapter.tensors[map + AdapterBundle.magnitude]?.scalars
        return Tensor(lengths.map { Self.stretched(sum, weight.shape.width, to: $0) } ?? sum, shape: weight.shape)
    }

    /// `weight + scale · b · a`, added up in the order of ranks.
    private static func sum(_ weight: Tensor, _ a: Tensor, _ b: Tensor, scale: Float) -> [Float] {
        var sum = weight.scalars
        let a = a.scalars, b = b.scalars, width = weight.shape.width, rank = b.count / weight.shape.rows
        sum.withUnsafeMutableBufferPointer { sum in
            a.withUnsafeBufferPointer { a in
                for row in 0..<sum.count / width {
                    for index in 0..<rank {
                        let factor = b[row * rank + index] * scale
                        for column in 0..<width { sum[row * width + column] += factor * a[index * width + column] }
                    }
                }
            }
        }
        return sum
    }

    private static func stretched(_ rows: [Float], _ width: Int, to lengths: [Float]) -> [Float] {
        var rows = rows
        for (row, length) in lengths.enumerated() {
            let range = row * width..<(row + 1) * width
            let norm = Float(rows[range].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
            guard norm > 0 else { continue }
            for index in range { rows[index] *= length / norm }
        }
        return rows
    }
}

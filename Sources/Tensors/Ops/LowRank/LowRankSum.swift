import CKernels

/// A matrix and the product of two thin ones: `weight + b · a`, as a low-rank adapter changes a weight (Hu et al. 2021).
public struct LowRankSum: Sendable {
    /// `[outputs, inputs]`, of any dtype.
    let weight: Tensor
    /// `[rank, inputs]` and `[outputs, rank]`.
    let a, b: Tensor

    public init(_ weight: Tensor, a: Tensor, b: Tensor) {
        precondition(
            weight.shape.count == 2 && a.shape == [b.shape.width, weight.shape[1]] && b.shape.rows == weight.shape[0],
            "LowRankSum: \(b.shape) · \(a.shape) does not fit \(weight.shape)"
        )
        (self.weight, self.a, self.b) = (weight.detached, LowRankSum.plain(a), LowRankSum.plain(b))
    }

    /// As float32 in rows, whatever it was.
    private static func plain(_ tensor: Tensor) -> Tensor {
        let isPlain = tensor.dtype == .float32 && !tensor.isPacked
        return isPlain ? tensor.detached : Tensor(tensor.scalars, shape: tensor.shape)
    }

    /// The length of each row, `[outputs]`; no more than a row of a thread is ever there.
    public var norms: Tensor {
        let inputs = weight.shape[1]
        return Tensor([weight.shape[0]]) { target in
            eachRow { row, values in target[row] = Kernel.table.dot(values, values, inputs).squareRoot() }
        }
    }

    /// The sum, as float32; its rows with the lengths given, where they are.
    public func sum(withLengths lengths: Tensor? = nil) -> Tensor {
        let inputs = weight.shape[1], lengths = lengths?.scalars
        precondition(
            lengths == nil || lengths?.count == weight.shape[0],
            "LowRankSum: \(lengths!.count) lengths of \(weight.shape)"
        )
        return Tensor(weight.shape) { target in
            eachRow { row, values in
                let norm = lengths == nil ? 0 : Kernel.table.dot(values, values, inputs).squareRoot()
                let length = lengths.map { norm > 0 ? $0[row] / norm : 1 } ?? 1  // nothing has no length
                Kernel.table.scale(target + row * inputs, values, length, inputs)
            }
        }
    }

    private func eachRow(_ body: (_ row: Int, _ values: UnsafeMutablePointer<Float>) -> Void) {
        let inputs = weight.shape[1], rank = a.shape[0], down = a.floats, up = b.floats
        parallel(rows: weight.shape[0], grain: 16) { rows, _ in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: inputs) { buffer in
                let values = buffer.baseAddress!
                for row in rows {
                    weight.read(row: row, into: values)
                    for k in 0..<rank {
                        Kernel.table.add_scaled(values, down + k * inputs, up[row * rank + k], inputs)
                    }
                    body(row, values)
                }
            }
        }
        withExtendedLifetime((a, b)) {}
    }
}

extension Tensor {
    /// One over each element of a float32 tensor.
    public var reciprocal: Tensor {
        Tensor(scalars.map { 1 / $0 }, shape: shape)
    }
}

public import Checkpoints
public import Tensors

/// One row of the table for each token.
public struct Embedding: Sendable {
    private let weight: Tensor
    /// Whether rows are rounded to bfloat16 when they are read.
    private let isRounded: Bool

    public init(_ count: Int, _ width: Int, _ weights: Weights) throws {
        (weight, isRounded) = try weights.matrix("weight", [count, width], uniform: 0.02)
    }

    /// How many rows there are.
    var count: Int { weight.shape[0] }

    public func callAsFunction(_ tokens: [Int32]) -> Tensor {
        let rows = gather(weight, rows: tokens)
        return isRounded ? rows.cast(to: .bfloat16).cast(to: .float32) : rows
    }

    /// The same table read backwards: scores each row of the table.
    public var head: AffineMap { AffineMap(weight, isRounded: isRounded) }
}

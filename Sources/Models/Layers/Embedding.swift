public import Checkpoints
public import Tensors

/// One row of the table for each token.
public struct Embedding: Sendable {
    let weight: Tensor

    public init(_ count: Int, _ width: Int, _ weights: Weights) throws {
        weight = try weights.tensor("weight", [count, width], uniform: 0.02)
    }

    /// How many rows there are.
    var count: Int { weight.shape[0] }

    public func callAsFunction(_ tokens: [Int32]) -> Tensor { gather(weight, rows: tokens) }

    /// The same table read backwards: scores each row of the table.
    public var head: AffineMap { AffineMap(weight) }
}

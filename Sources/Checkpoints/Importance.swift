public import Tensors

/// How large the inputs of a network's maps are, column by column: what an error in a weight of that column costs.
///
/// The expected squared error of a map's output is that of its weights, each weighed by the mean square of what it is multiplied
/// with. llama.cpp calls this an importance matrix.
public struct Importance: Sendable {
    /// What one map was given.
    public struct Inputs: Sendable, Hashable {
        /// The sum of the squares in each column, and over how many rows.
        public var squares: [Float], rows: Int

        public init(squares: [Float], rows: Int) { (self.squares, self.rows) = (squares, rows) }
    }

    /// By the names of maps, such as `model.layers.0.mlp.up_proj`.
    public var maps: [String: Inputs]
    /// The files that the network read.
    public var texts: [String]
    /// How many pieces of text, and how many tokens each had.
    public var chunks, chunkTokens: Int

    public init(maps: [String: Inputs], texts: [String] = [], chunks: Int = 0, chunkTokens: Int = 0) {
        (self.maps, self.texts, self.chunks, self.chunkTokens) = (maps, texts, chunks, chunkTokens)
    }

    /// No column weighs less than this share of the mean, however quiet it was: other texts may not find it so.
    private static let leastShare: Float = 1e-3

    /// What an error in each column of a weight costs against the mean; nil where nothing is known of it.
    ///
    /// - Parameter tensor: a weight's name, with `.weight`.
    /// - Throws: ``CheckpointError`` if what is known is of another width: it was taken from another model.
    public func weights(of tensor: String, width: Int) throws -> [Float]? {
        guard tensor.hasSuffix(".weight"), let inputs = maps[String(tensor.dropLast(".weight".count))] else {
            return nil
        }
        guard inputs.squares.count == width else {
            let what =
                "\(tensor) has \(width) columns, the importance matrix \(inputs.squares.count); it is another model's"
            throw CheckpointError.unsupported(file: "the importance matrix", what: what)
        }
        let mean = inputs.squares.reduce(0.0) { $0 + Double($1) } / Double(width)
        guard mean > 0, mean.isFinite else { return nil }
        return inputs.squares.map { max(Float(Double($0) / mean), Importance.leastShare) }
    }
}

/// Is shown what each affine map of a network is given, while the network runs.
public protocol InputRecorder: AnyObject, Sendable {
    /// - Parameters:
    ///   - inputs: `[…, width]`.
    ///   - map: the map's name, such as `model.layers.0.mlp.up_proj`.
    func record(_ inputs: Tensor, of map: String)
}

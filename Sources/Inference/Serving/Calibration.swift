public import Bundles
public import Checkpoints
import Models
import Synchronization
import Tensors

/// What a model's maps are given while it reads a text: the `Importance` of their columns.
///
/// The text is read in pieces of `context` tokens, as `perplexity(of:_:)` reads it; what does not fill a piece is left out.
///
/// - Parameters:
///   - bos: takes the place of each piece's first token, if the model begins texts with one.
///   - progress: told after each piece how many tokens were read, and of how many; what it throws ends the reading.
/// - Throws: ``EngineError`` if a token is not in the vocabulary, no piece is whole or the network's states are not numbers.
public func importance(
    of bundle: ModelBundle,
    reading tokens: [Int],
    context: Int = 512,
    bos: Int? = nil,
    progress: (_ read: Int, _ total: Int) throws -> Void = { _, _ in }
) throws -> Importance {
    try require(context >= 4, "the context must be at least 4", context)
    try require(tokens.count >= context, "the text must have at least \(context) tokens", tokens.count)
    let squares = InputSquares()
    let model = try Models.model(bundle.settings, Weights(Packed(bundle.network), recorder: squares))
    for id in tokens + [bos ?? 0] where !(0..<model.vocabulary).contains(id) {
        throw EngineError.unknownToken(id: id, vocabulary: model.vocabulary)
    }
    let chunks = tokens.count / context
    for chunk in 0..<chunks {
        var piece = tokens[chunk * context..<(chunk + 1) * context].map(Int32.init)
        if let bos { piece[0] = Int32(bos) }
        let states = model.states(Batch(tokens: piece, for: model.cacheShape))
        guard states.peak.isFinite else { throw EngineError.badLogits(position: chunk * context) }
        try progress((chunk + 1) * context, chunks * context)
    }
    return Importance(maps: squares.maps, chunks: chunks, chunkTokens: context)
}

/// Adds up the squares of what each map is given.
private final class InputSquares: InputRecorder {
    private struct Sum { var squares: [Double], rows: Int }
    private let sums = Mutex<[String: Sum]>([:])

    func record(_ inputs: Tensor, of map: String) {
        let squares = squaresByColumn(inputs).scalars, rows = inputs.shape.rows
        sums.withLock { sums in
            guard sums[map] != nil else { return sums[map] = Sum(squares: squares.map(Double.init), rows: rows) }
            for column in squares.indices { sums[map]!.squares[column] += Double(squares[column]) }
            sums[map]!.rows += rows
        }
    }

    var maps: [String: Importance.Inputs] {
        sums.withLock { $0.mapValues { .init(squares: $0.squares.map(Float.init), rows: $0.rows) } }
    }
}

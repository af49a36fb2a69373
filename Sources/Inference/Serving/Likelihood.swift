import Foundation
public import Models
import Tensors

/// How probable a model finds documents: what their tokens cost in all, each after those before it.
///
/// Divided by the tokens it is the logarithm of the perplexity; divided by characters or bytes it compares models whose
/// tokenizers differ.
public struct Likelihood: Sendable, Hashable {
    /// Documents read, and tokens scored in them.
    public private(set) var documents = 0, tokens = 0
    /// The negative logarithm of the probability of all tokens scored.
    public private(set) var nats = 0.0

    public init() {}

    public var perplexity: Double { exp(nats / Double(max(1, tokens))) }
    public var bits: Double { nats / log(2) }

    fileprivate mutating func add(_ logprobs: [Float], documents count: Int) {
        tokens += logprobs.count
        nats -= logprobs.reduce(0) { $0 + Double($1) }
        documents += count
    }
}

/// A text as tokens, and which of them are to be scored; the first has nothing before it and never is.
public struct ScoredDocument: Sendable, Hashable {
    public var tokens: [Int], isScored: [Bool]

    /// - Parameter isScored: nil for all.
    public init(_ tokens: [Int], isScored: [Bool]? = nil) {
        precondition(isScored == nil || isScored?.count == tokens.count, "\(tokens.count) tokens")
        (self.tokens, self.isScored) = (tokens, isScored ?? tokens.map { _ in true })
    }
}

/// What a model gives the tokens of some documents, each document by itself.
///
/// A document longer than the context is read in windows that overlap by half, so that no token has less than half a context
/// before it that it could have; each token is scored once. Nothing is cut off.
///
/// - Parameters:
///   - context: the most tokens that see each other.
///   - rows: about how many tokens are worked out at a time.
///   - progress: called now and then with the result so far.
/// - Throws: ``EngineError`` if a token is not in the vocabulary or a score is not a number.
public func likelihood(
    of documents: some Sequence<ScoredDocument>,
    _ model: any LanguageModel,
    context: Int,
    rows: Int = 2048,
    progress: (Likelihood) throws -> Void = { _ in }
) throws -> Likelihood {
    try likelihood(of: documents, model, nil, context: context, rows: rows, progress: progress)
}

/// The same of a model with all that belongs to it, its adapter too.
public func likelihood(
    of documents: some Sequence<ScoredDocument>,
    _ served: ServedModel,
    context: Int,
    rows: Int = 2048,
    progress: (Likelihood) throws -> Void = { _ in }
) throws -> Likelihood {
    try likelihood(of: documents, served.model, served.adapter, context: context, rows: rows, progress: progress)
}

private func likelihood(
    of documents: some Sequence<ScoredDocument>,
    _ model: any LanguageModel,
    _ adapter: LoadedAdapter?,
    context: Int,
    rows: Int,
    progress: (Likelihood) throws -> Void
) throws -> Likelihood {
    try require(context >= 2, "the context must be at least 2", context)
    var result = Likelihood(), page = Page()
    func close() throws {
        result.add(try page.logprobs(model, adapter), documents: page.ended)
        page = Page()
        try progress(result)
    }
    for document in documents {
        for id in document.tokens where !(0..<model.vocabulary).contains(id) {
            throw EngineError.unknownToken(id: id, vocabulary: model.vocabulary)
        }
        for window in windows(document.tokens.count, context) {
            page.append(document, window)
            if page.tokens.count >= rows { try close() }
        }
        page.ended += 1
    }
    try close()
    return result
}

/// Some tokens of a document, and the first of them that the windows before did not score.
private struct Window {
    let inputs: Range<Int>, first: Int
}

private func windows(_ count: Int, _ context: Int) -> [Window] {
    guard count > 1 else { return [] }
    var windows = [Window(inputs: 0..<min(context, count - 1), first: 0)]
    while let last = windows.last?.inputs.upperBound, last < count - 1 {
        let end = min(last + max(1, context / 2), count - 1)
        windows.append(Window(inputs: end - context..<end, first: last))
    }
    return windows
}

/// Windows of documents laid end to end, none of which sees another.
private struct Page {
    private(set) var tokens: [Int32] = []
    private var targets: [Int32] = [], documents: [Range<Int>] = []
    var ended = 0

    mutating func append(_ document: ScoredDocument, _ window: Window) {
        documents.append(tokens.count..<tokens.count + window.inputs.count)
        for place in window.inputs {
            let isScored = place >= window.first && document.isScored[place + 1]
            tokens.append(Int32(document.tokens[place]))
            targets.append(isScored ? Int32(document.tokens[place + 1]) : -1)
        }
    }

    /// Those of the tokens that are scored, in order.
    func logprobs(_ model: any LanguageModel, _ adapter: LoadedAdapter?) throws -> [Float] {
        guard targets.contains(where: { $0 >= 0 }) else { return [] }
        let batch = Batch(tokens: tokens, documents: documents, for: model.cacheShape, adapter: adapter)
        let states = model.adaptedStates(batch), isChanged = adapter?.changesHead ?? false
        let scores =
            isChanged
            ? logprobs(model, states, batch) : Tensors.logprobs(states, model.head, targets).scalars
        if let place = scores.firstIndex(where: { !$0.isFinite }) { throw EngineError.badLogits(position: place) }
        return zip(scores, targets).filter { $1 >= 0 }.map(\.0)
    }

    /// Those of all rows, where an adapter changes the head: so many rows at a time.
    private func logprobs(_ model: any LanguageModel, _ states: Tensor, _ batch: Batch) -> [Float] {
        let atOnce = 64, width = model.vocabulary
        return stride(from: 0, to: targets.count, by: atOnce).flatMap { first in
            let rows = first..<min(first + atOnce, targets.count)
            return model.scores(states.rows(rows), of: rows.map(Int32.init), batch).withFloats { logits in
                rows.map { row in
                    let start = (row - first) * width, target = max(0, Int(targets[row]))
                    let slice = Logits(rebasing: logits[start..<start + width])
                    return TokenScore(target, in: slice, top: 0)?.logprob ?? .nan
                }
            }
        }
    }
}

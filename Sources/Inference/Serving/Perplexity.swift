import Foundation
public import Models
public import Tensors

/// How surprised a model is by a text: e to the mean negative log-probability of its tokens.
public struct Perplexity: Sendable, Hashable {
    public private(set) var scored = 0
    private var sum = 0.0, squares = 0.0

    public var value: Double { exp(mean) }
    /// The standard error of ``value``.
    public var uncertainty: Double {
        guard scored > 1 else { return .infinity }
        return value * ((squares / Double(scored) - mean * mean) / Double(scored - 1)).squareRoot()
    }

    private var mean: Double { sum / Double(max(1, scored)) }

    mutating func add(_ logprob: Float) {
        scored += 1
        sum -= Double(logprob)
        squares += Double(logprob) * Double(logprob)
    }
}

/// The perplexity of `tokens`, by llama.cpp's method, so that numbers compare: the text is cut into whole chunks of `context`
/// tokens, and in each the tokens of the second half are scored, all but the very first of it.
///
/// - Parameters:
///   - bos: takes the place of each chunk's first token, if the model begins texts with one.
///   - chunks: how many to score at most.
///   - cacheType: what keys and values are kept as.
///   - progress: called after each chunk with the result so far and how much is done, 0 to 1.
/// - Throws: ``EngineError`` if a token is not in the vocabulary, no chunk is whole or the logits are not numbers.
public func perplexity(
    of tokens: [Int],
    _ model: any LanguageModel,
    context: Int = 512,
    bos: Int? = nil,
    chunks: Int = .max,
    cacheType: CacheType = .f16,
    progress: (Perplexity, Double) -> Void = { _, _ in }
) throws(EngineError) -> Perplexity {
    try require(context >= 4, "the context must be at least 4", context)
    try require(tokens.count >= context, "the text must have at least \(context) tokens", tokens.count)
    for id in tokens + [bos ?? 0] where !(0..<model.vocabulary).contains(id) {
        throw .unknownToken(id: id, vocabulary: model.vocabulary)
    }
    let runner = ModelRunner(model, blocks: Blocks.covering(context), cacheType: cacheType)
    let count = min(chunks, tokens.count / context)
    var result = Perplexity()
    for chunk in 0..<count {
        var text = tokens[chunk * context..<(chunk + 1) * context].map(Int32.init)
        if let bos { text[0] = Int32(bos) }
        try score(text, runner, into: &result)
        progress(result, Double(chunk + 1) / Double(count))
    }
    return result
}

/// Scores the second half of one chunk.
private func score(_ text: [Int32], _ runner: ModelRunner, into result: inout Perplexity) throws(EngineError) {
    let first = text.count / 2, width = runner.vocabulary
    let scores = max(16, (32 << 20) / (width * MemoryLayout<Float>.stride))  // rows of logits at a time
    let limits = Scheduler.Limits(budget: 512, seats: 1, scores: scores)
    var scheduler = Scheduler(blocks: runner.blocks, limits: limits, reusesPrefixes: false)
    scheduler.add(0, Array(text.dropLast()), scores: text.count - 2, from: first)
    var bad: Int?, computed = 0
    while computed < text.count - 1, bad == nil {
        let plan = scheduler.plan()
        runner.run(plan) { logits in
            for (output, row) in plan.outputs.enumerated() {
                let position = computed + row
                let slice = Logits(rebasing: logits[output * width..<(output + 1) * width])
                guard position >= first else { continue }
                guard let logprob = TokenScore(Int(text[position + 1]), in: slice, top: 0)?.logprob else {
                    bad = position
                    return
                }
                result.add(logprob)
            }
        }
        scheduler.commit(plan)
        computed += plan.tokens.count
    }
    if let bad { throw .badLogits(position: bad) }
}

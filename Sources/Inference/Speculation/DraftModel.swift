import Synchronization

/// A smaller network with the same tokens, which says faster what the large one may say next (Leviathan et al. 2023).
///
/// It has a key-value cache of its own and runs between the engine's steps, on the engine's thread. What it has learnt of its
/// luck and its speed holds for all requests.
package final class DraftModel: @unchecked Sendable {
    private let runner: any Runner
    /// Tokens that both networks know.
    let vocabulary: Int
    /// The most positions it has been trained for.
    let contextLength: Int
    var luck = Luck.ofModels
    /// What requests may spend on finding out whether guesses have begun to pay.
    var purse = Purse(most: 8)
    var sampler = Sampler()
    private let blocks: Mutex<Blocks>
    private var plan = Plan()
    private var pace = Pace()
    /// Whether it has run: the first time it fetches its weights.
    private var isWarm = false
    private let fixedPrice: Double?

    /// - Parameters:
    ///   - vocabulary: that of the network it drafts for.
    ///   - price: what one row takes, in steps of that network, each more at once an eighth of it; nil: as measured.
    package init(_ runner: any Runner, vocabulary: Int, contextLength: Int, price: Double? = nil) {
        (self.runner, self.contextLength, fixedPrice) = (runner, contextLength, price)
        self.vocabulary = min(vocabulary, runner.vocabulary)
        blocks = Mutex(Blocks(count: runner.blocks))
    }

    /// What running that many rows takes, in steps of one row of the large network.
    func price(rows: Int = 1, _ step: Duration?) -> Double {
        if fixedPrice == nil, let step, let seconds = pace.seconds(rows: rows) {
            return seconds / max(step.seconds, 1e-6)
        }
        return (fixedPrice ?? 0.3) * (1 + Double(rows - 1) * Stakes.usualRowCost)
    }

    /// Shows the logits after the last of `tokens`, which stand at `start` and beyond of a text in those blocks.
    func run(_ tokens: ArraySlice<Int32>, start: Int, blocks: [Int32], _ body: (Logits) -> Void) throws {
        let rows = 0..<tokens.count, begin = ContinuousClock.now
        plan.tokens = Array(tokens)
        plan.outputs = [tokens.count - 1]
        plan.slices = [.init(id: 0, rows: rows, start: start, blocks: blocks, outputs: 0..<1, isComplete: true)]
        try runner.run(plan, body)
        if isWarm { pace.note(rows: tokens.count, seconds: begin.duration(to: .now).seconds) }
        isWarm = true
    }

    package var blocksUsed: Int { blocks.withLock { $0.heldCount } }
}

// MARK: Blocks, which sessions give back on whatever thread they end

extension DraftModel {
    /// Holds the blocks that already have the beginning of a text.
    func hold(prefixOf text: ArraySlice<Int32>) -> (blocks: [Int32], last: Blocks.Content) {
        blocks.withLock { blocks in
            let known = blocks.prefix(of: text)
            blocks.retain(known.blocks)
            return known
        }
    }

    /// That many new blocks, or none.
    func take(_ count: Int) -> [Int32] {
        blocks.withLock { blocks in blocks.available < count ? [] : (0..<count).map { _ in blocks.take()! } }
    }

    func release(_ table: [Int32]) { blocks.withLock { $0.release(table) } }

    /// See ``Blocks/publish(_:_:after:)``.
    func publish(_ block: Int32, _ tokens: ArraySlice<Int32>, after last: Blocks.Content) -> (Int32, Blocks.Content) {
        blocks.withLock { $0.publish(block, tokens, after: last) }
    }
}

/// How sure a guess was, in kinds of equal luck; and guesses of any kind, by how the answer is drawn.
extension Luck {
    private static let bounds: [Float] = [0.3, 0.5, 0.7, 0.85, 0.95]

    private static let heats: [Float] = [0, 0.5, 0.8]

    fileprivate static var ofModels: Luck { Luck([0.25, 0.4, 0.6, 0.75, 0.85, 0.95, 0.7, 0.7, 0.7, 0.7]) }

    /// Guesses for an answer that is drawn like that, however sure.
    static func any(_ sampling: Sampling) -> Int {
        bounds.count + 1 + (heats.firstIndex { sampling.temperature <= $0 } ?? heats.count)
    }

    /// - Parameter probability: what the small network itself believed.
    static func kind(_ probability: Float) -> Int { bounds.firstIndex { probability <= $0 } ?? bounds.count }
}

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
    var sampler = Sampler()
    private let blocks: Mutex<Blocks>
    private var plan = Plan()
    /// Seconds that one row takes, of late.
    private var seconds: Double?
    private let fixedPrice: Double?

    /// - Parameters:
    ///   - vocabulary: that of the network it drafts for.
    ///   - price: what one guess takes, in steps of that network; nil: as measured.
    package init(_ runner: any Runner, vocabulary: Int, contextLength: Int, price: Double? = nil) {
        (self.runner, self.contextLength, fixedPrice) = (runner, contextLength, price)
        self.vocabulary = min(vocabulary, runner.vocabulary)
        blocks = Mutex(Blocks(count: runner.blocks))
    }

    /// What one guess takes, in steps of the large network.
    func price(_ step: Duration?) -> Double {
        if let fixedPrice { return fixedPrice }
        guard let seconds, let step else { return 0.3 }
        return seconds / max(step.seconds, 1e-6)
    }

    /// Shows the logits after the last of `tokens`, which stand at `start` and beyond of a text in those blocks.
    func run(_ tokens: ArraySlice<Int32>, start: Int, blocks: [Int32], _ body: (Logits) -> Void) throws {
        let rows = 0..<tokens.count, begin = ContinuousClock.now
        plan.tokens = Array(tokens)
        plan.outputs = [tokens.count - 1]
        plan.slices = [.init(id: 0, rows: rows, start: start, blocks: blocks, outputs: 0..<1, isComplete: true)]
        try runner.run(plan, body)
        guard tokens.count == 1 else { return }
        let now = begin.duration(to: .now).seconds
        seconds = seconds.map { $0 + (now - $0) / 8 } ?? now
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

/// How sure a guess was, in kinds of equal luck.
extension Luck {
    private static let bounds: [Float] = [0.3, 0.5, 0.7, 0.85, 0.95]

    /// Guesses of any kind.
    static let any = 6

    fileprivate static var ofModels: Luck { Luck([0.25, 0.4, 0.6, 0.75, 0.85, 0.95, 0.7]) }

    /// - Parameter probability: what the small network itself believed.
    static func kind(_ probability: Float) -> Int { bounds.firstIndex { probability <= $0 } ?? bounds.count }
}

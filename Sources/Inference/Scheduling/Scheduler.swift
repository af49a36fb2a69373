/// Decides which tokens run next. A value: no clock, no tensor, no await.
///
/// There is no prefill and no decode: every request has tokens, some of them computed, and each plan lets the computed catch
/// up. Those that lack one token go first, so a long prompt never stalls a stream; the others share the rest evenly.
///
/// The earlier a request's turn, the stronger: when blocks run out the youngest goes back to waiting. So the oldest always advances,
/// and everyone becomes the oldest in the end.
package struct Scheduler: Sendable {
    package struct Limits: Sendable {
        /// Tokens in one plan.
        package var budget: Int
        /// Requests running at once.
        package var seats: Int
        /// Prompt rows in one plan whose logits are wanted.
        package var scores: Int

        package init(budget: Int, seats: Int, scores: Int = .max) {
            self.seats = max(1, seats)
            self.scores = max(1, scores)
            // Something is left for prompts when every seat streams.
            self.budget = max(budget, self.seats + Blocks.size)
        }
    }

    /// A request as the scheduler sees it.
    struct Entry: Sendable {
        let id: Int
        let rank: Turns.Rank
        let root: Blocks.Content
        var tokens: [Int32]
        /// How many of the first rows' logits are wanted, and how many have been had.
        let scores: Int
        var scored = 0
        var computed = 0
        var blocks: [Int32] = []
        var wasSeated = false
        /// The contents of the full blocks published so far.
        var published = 0
        var last: Blocks.Content

        var remaining: Int { tokens.count - computed }
    }

    package let limits: Limits
    let reusesPrefixes: Bool
    package internal(set) var blocks: Blocks
    /// Both by rank.
    var waiting: [Entry] = []
    var running: [Entry] = []
    var turns = Turns()
    package internal(set) var preemptions = 0
    /// Seated since last asked, with how many tokens were found in the cache.
    package var seated: [(id: Int, cached: Int)] = []

    package init(blocks: Int, limits: Limits, reusesPrefixes: Bool = true) {
        self.blocks = Blocks(count: blocks)
        self.limits = limits
        self.reusesPrefixes = reusesPrefixes
    }

    package var runningCount: Int { running.count }
    package var waitingCount: Int { waiting.count }
    /// How many lack one token only.
    package var streamCount: Int { running.count { $0.remaining == 1 } }
    /// How many of those that wait gave way to older ones.
    package var preemptedCount: Int { preemptions == 0 ? 0 : waiting.count { $0.wasSeated } }
    package var isEmpty: Bool { running.isEmpty && waiting.isEmpty }

    /// Whether a text of that many tokens can ever be computed. The last token of a text never is.
    package func fits(_ tokens: Int) -> Bool { Blocks.covering(tokens) <= blocks.count }

    /// - Parameters:
    ///   - client: whose it is; clients take turns.
    ///   - root: what else its keys and values depend on; see ``Blocks/Content``.
    ///   - scores: how many of the first rows' logits are wanted too, those before `from` excepted.
    package mutating func add(
        _ id: Int,
        _ tokens: [Int32],
        priority: Int = 0,
        client: Int = 0,
        root: Blocks.Content = 0,
        scores: Int = 0,
        from first: Int = 0
    ) {
        precondition(!tokens.isEmpty && fits(tokens.count), "Scheduler.add: \(tokens.count) tokens never fit")
        let rank = turns.rank(client: client, tokens: tokens.count, priority: priority)
        waiting.insert(
            byRank: Entry(id: id, rank: rank, root: root, tokens: tokens, scores: scores, scored: first, last: root)
        )
    }

    /// Gives a request its next token.
    package mutating func append(_ token: Int32, to id: Int) {
        guard let index = running.firstIndex(where: { $0.id == id }) else { return }
        running[index].tokens.append(token)
    }

    /// Forgets a request and frees its blocks.
    package mutating func remove(_ id: Int) {
        waiting.removeAll { $0.id == id }
        guard let index = running.firstIndex(where: { $0.id == id }) else { return }
        blocks.release(running.remove(at: index).blocks)
    }

    /// Records that `plan` ran, and publishes the blocks it filled. Accepted drafts become part of their texts.
    package mutating func commit(_ plan: Plan) {
        for slice in plan.slices {
            guard let index = running.firstIndex(where: { $0.id == slice.id }) else { continue }
            if slice.drafted > 0 { settle(index, slice, plan) }
            running[index].computed = slice.start + slice.rows.count - slice.drafted + slice.accepted
            running[index].scored = min(running[index].scores, max(running[index].scored, running[index].computed))
            if reusesPrefixes { running[index].publish(to: &blocks) }
        }
    }
}

extension Scheduler.Entry {
    /// Makes the full blocks computed so far findable.
    fileprivate mutating func publish(to shared: inout Blocks) {
        while (published + 1) * Blocks.size <= computed {
            let start = published * Blocks.size
            let text = tokens[start..<start + Blocks.size]
            (blocks[published], last) = shared.publish(blocks[published], text, after: last)
            published += 1
        }
    }
}

extension [Scheduler.Entry] {
    mutating func insert(byRank entry: Element) {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].rank < entry.rank { low = middle + 1 } else { high = middle }
        }
        insert(entry, at: low)
    }
}

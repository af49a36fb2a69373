extension Scheduler {
    /// Seats who can be seated and says what runs next.
    ///
    /// - Parameters:
    ///   - budget: the most tokens, if fewer than the limits allow; what streams need is never refused, and guesses come on top.
    ///   - pace: what steps take.
    ///   - draft: asked for guesses of each request that lacks one token.
    package mutating func plan(
        into plan: inout Plan,
        budget: Int = .max,
        pace: Pace = Pace(),
        draft: Draft = { _, _, _, _ in }
    ) {
        plan.removeAll()
        secureBlocks()
        admit()
        let streams = streamCount, budget = min(budget, limits.budget)
        var scores = limits.scores, stakes = stakes(budget: budget, pace: pace)
        var room = limits.budget - streams - (streams < running.count ? Blocks.size : 0)
        for index in running.indices where running[index].remaining == 1 {
            add(index, tokens: 1, to: &plan, scores: &scores)
            room -= speculate(index, in: &plan, room: room, &stakes, draft)
        }
        let left = max(0, min(budget - streams, limits.budget - plan.tokens.count))
        for (index, share) in shares(of: left) where share > 0 {
            add(index, tokens: share, to: &plan, scores: &scores)
        }
    }

    package mutating func plan() -> Plan {
        var plan = Plan()
        self.plan(into: &plan)
        return plan
    }

    /// Divides `budget` evenly among those that lack more than one token, at least a block each, the oldest first.
    private func shares(of budget: Int) -> [(index: Int, tokens: Int)] {
        let behind = running.indices.filter { running[$0].remaining > 1 }.prefix(max(1, budget / Blocks.size))
        var left = budget, takers = behind.count
        return behind.sorted { (running[$0].remaining, $0) < (running[$1].remaining, $1) }.map { index in
            let share = min(running[index].remaining, left / takers)
            left -= share
            takers -= 1
            return (index, share)
        }
    }

    private func add(_ index: Int, tokens count: Int, to plan: inout Plan, scores: inout Int) {
        let entry = running[index], start = entry.computed
        var end = start + count
        if entry.scored < entry.scores { end = min(end, max(start, entry.scored) + scores) }
        guard end > start else { return }
        let isComplete = end == entry.tokens.count
        let isScored = entry.scored < entry.scores
        let wanted = (isScored ? min(end, max(start, entry.scored)) : isComplete ? end - 1 : end)..<end
        if isScored { scores -= wanted.count }
        let row = plan.tokens.count, output = plan.outputs.count
        plan.tokens.append(contentsOf: entry.tokens[start..<end])
        plan.outputs.append(contentsOf: wanted.lazy.map { row + $0 - start })
        plan.slices.append(
            Plan.Slice(
                id: entry.id,
                rows: row..<plan.tokens.count,
                start: start,
                blocks: entry.blocks,
                outputs: output..<plan.outputs.count,
                isComplete: isComplete
            )
        )
    }
}

// MARK: Blocks and seats

extension Scheduler {
    /// Gives everyone, the oldest first, the blocks its tokens need; takes them from the youngest if there are none.
    private mutating func secureBlocks() {
        var index = 0
        while index < running.count {
            if running[index].blocks.count >= Blocks.covering(running[index].tokens.count) {
                index += 1
            } else if let block = blocks.take() {
                running[index].blocks.append(block)
            } else {
                preemptYoungest()
            }
        }
    }

    private mutating func preemptYoungest() {
        var entry = running.removeLast()
        blocks.release(entry.blocks)
        (entry.blocks, entry.computed, entry.published, entry.last) = ([], 0, 0, entry.root)
        waiting.insert(byRank: entry)
        preemptions += 1
    }

    /// Seats waiting requests in order. One that awaits what another is about to compute steps aside, for both to share it.
    private mutating func admit() {
        var index = 0
        while running.count < limits.seats, index < waiting.count {
            let known = knownPrefix(of: waiting[index])
            if isBeingComputed(past: known.blocks.count, waiting[index]) {
                index += 1
                continue
            }
            guard seat(index, known.blocks, known.last) else { return }  // in their turns: nobody overtakes
        }
    }

    /// The blocks to reuse. The last token is always left to compute: its logits are wanted.
    private func knownPrefix(of entry: Entry) -> (blocks: [Int32], last: Blocks.Content) {
        guard reusesPrefixes, entry.scored >= entry.scores else { return ([], entry.root) }
        return blocks.prefix(of: entry.tokens.dropLast(), after: entry.root)
    }

    private func isBeingComputed(past known: Int, _ entry: Entry) -> Bool {
        let end = (known + 1) * Blocks.size
        guard reusesPrefixes, entry.scored >= entry.scores, entry.tokens.count > end else { return false }
        return running.contains { other in
            other.remaining > 1 && other.tokens.count >= end && other.computed < end && other.root == entry.root
                && other.tokens[..<end] == entry.tokens[..<end]
        }
    }

    /// Seats the waiting request if there are blocks for all its tokens and one more for each that runs already.
    private mutating func seat(_ index: Int, _ known: [Int32], _ last: Blocks.Content) -> Bool {
        blocks.retain(known)
        let needed = Blocks.covering(waiting[index].tokens.count) - known.count
        guard blocks.available >= needed + running.count else {
            blocks.release(known)
            return false
        }
        var entry = waiting.remove(at: index)
        entry.blocks = known + (0..<needed).map { _ in blocks.take()! }
        (entry.computed, entry.published, entry.last) = (known.count * Blocks.size, known.count, last)
        entry.wasSeated = true
        turns.pass(entry.rank)
        running.insert(byRank: entry)
        seated.append((entry.id, entry.computed))
        return true
    }
}

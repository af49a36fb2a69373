extension Scheduler {
    /// Adds at most `room` guesses of what follows a request's text to a plan's tokens.
    package typealias Draft = (_ id: Int, _ room: Int, inout Stakes, _ tokens: inout [Int32]) -> Void

    /// The most guesses for one request in one plan.
    static let longestDraft = 15

    /// A step without guesses.
    func stakes(budget: Int, pace: Pace) -> Stakes {
        Stakes(
            rows: min(running.reduce(0) { $0 + $1.remaining }, budget),
            tokens: streamCount,
            step: pace.seconds(rows: 1).map { .seconds($0) },
            rowCost: pace.rowCost
        )
    }

    /// Lets guesses follow the plan's last slice; returns how many. They get no block that anybody else may need.
    mutating func speculate(_ index: Int, in plan: inout Plan, room: Int, _ stakes: inout Stakes, _ draft: Draft) -> Int
    {
        let entry = running[index], last = plan.slices.count - 1
        guard last >= 0, plan.slices[last].id == entry.id, plan.slices[last].isComplete else { return 0 }
        let spare = max(0, blocks.available - running.count) + entry.blocks.count
        let most = min(room, spare * Blocks.size - entry.tokens.count, Self.longestDraft), row = plan.tokens.count
        guard most > 0 else { return 0 }
        draft(entry.id, most, &stakes, &plan.tokens)
        let rows = row..<plan.tokens.count
        guard !rows.isEmpty else { return 0 }
        while running[index].blocks.count < Blocks.covering(entry.tokens.count + rows.count) {
            running[index].blocks.append(blocks.take()!)
        }
        plan.slices[last].blocks = running[index].blocks
        plan.slices[last].rows = plan.slices[last].rows.lowerBound..<rows.upperBound
        plan.slices[last].outputs = plan.slices[last].outputs.lowerBound..<plan.outputs.count + rows.count
        plan.slices[last].drafted = rows.count
        plan.outputs.append(contentsOf: rows)
        return rows.count
    }

    /// Makes right guesses part of the text, and gives blocks back that only wrong ones needed.
    mutating func settle(_ index: Int, _ slice: Plan.Slice, _ plan: Plan) {
        let guesses = slice.rows.upperBound - slice.drafted
        running[index].tokens.append(contentsOf: plan.tokens[guesses..<guesses + slice.accepted])
        while running[index].blocks.count > Blocks.covering(running[index].tokens.count + 1) {
            blocks.release(running[index].blocks.removeLast())
        }
    }
}

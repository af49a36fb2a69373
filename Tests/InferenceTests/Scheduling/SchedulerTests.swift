import Inference
import Testing

@Suite struct SchedulerTests {
    func prompt(_ seed: Int32, _ count: Int) -> [Int32] { (0..<Int32(count)).map { seed &* 10_000 &+ $0 } }

    func scheduler(blocks: Int = 100, budget: Int = 64, seats: Int = 4, scores: Int = .max, reuse: Bool = true)
        -> Scheduler
    {
        Scheduler(
            blocks: blocks,
            limits: .init(budget: budget, seats: seats, scores: scores),
            reusesPrefixes: reuse
        )
    }

    func shares(_ plan: Plan) -> [Int: Int] {
        Dictionary(uniqueKeysWithValues: plan.slices.map { ($0.id, $0.rows.count) })
    }

    @Test func aLongPromptIsComputedInChunks() throws {
        var scheduler = scheduler()
        scheduler.add(1, prompt(1, 150))
        var starts: [Int] = []
        for _ in 0..<3 {
            let plan = scheduler.plan(), slice = try #require(plan.slices.first)
            starts.append(slice.start)
            scheduler.commit(plan)
            #expect(slice.isComplete == (starts.count == 3))
            #expect(plan.outputs.count == (starts.count == 3 ? 1 : 0))
        }
        #expect(starts == [0, 64, 128])
    }

    @Test func streamsGoFirstAndPromptsShareTheRest() {
        var scheduler = scheduler(budget: 65)
        scheduler.add(1, prompt(1, 8))
        scheduler.commit(scheduler.plan())
        scheduler.append(5, to: 1)
        scheduler.add(2, prompt(2, 500))
        scheduler.add(3, prompt(3, 10))
        scheduler.add(4, prompt(4, 500))
        #expect(shares(scheduler.plan()) == [1: 1, 2: 27, 3: 10, 4: 27])
    }

    @Test func priorityOvertakesButNotForever() throws {
        var scheduler = scheduler(budget: 32, seats: 1)
        for id in 1...200 { scheduler.add(id, prompt(Int32(id), 4), priority: id > 1 ? 1 : 0) }
        var order: [Int] = []
        while !scheduler.isEmpty, order.count < 200 {
            let plan = scheduler.plan()
            scheduler.commit(plan)
            order += plan.slices.map(\.id)
            scheduler.remove(try #require(order.last))
        }
        #expect(order.firstIndex(of: 1) == 64 && order.filter { $0 != 1 } == Array(2...200))
    }

    @Test func aSharedBeginningIsComputedOnce() {
        var scheduler = scheduler(blocks: 100, budget: 40, seats: 8)
        let words = prompt(1, 100)
        for id in 1...4 { scheduler.add(id, words) }
        var computed = 0
        for _ in 0..<10 {
            let plan = scheduler.plan()
            computed += plan.tokens.count
            scheduler.commit(plan)
        }
        #expect(computed == 100 + 3 * 4, "96 positions shared, 4 of each their own")
        #expect(scheduler.blocks.heldCount == 6 + 4)
    }

    @Test func theLastTokenIsAlwaysComputed() throws {
        var scheduler = scheduler()
        scheduler.add(1, prompt(1, 32))
        scheduler.commit(scheduler.plan())
        scheduler.remove(1)
        scheduler.add(2, prompt(1, 32))
        let plan = scheduler.plan(), slice = try #require(plan.slices.first)
        #expect(slice.start == 16 && slice.isComplete)
    }

    @Test func aScoredPromptIsReadWholeInSmallSteps() throws {
        var scheduler = scheduler(budget: 64, scores: 10)
        scheduler.add(1, prompt(1, 40))
        scheduler.commit(scheduler.plan())
        scheduler.remove(1)
        scheduler.add(2, prompt(1, 40), scores: 39)
        var outputs: [Int] = []
        for _ in 0..<4 {
            let plan = scheduler.plan(), slice = try #require(plan.slices.first)
            outputs += plan.outputs.map { slice.start + $0 }
            #expect(plan.outputs.count <= 10)
            scheduler.commit(plan)
        }
        #expect(outputs == Array(0..<40))
    }

    @Test func theYoungestGivesWayAndComesBack() {
        var scheduler = scheduler(blocks: 4, seats: 2)
        scheduler.add(1, prompt(1, 30))
        scheduler.add(2, prompt(2, 14))
        for _ in 0..<8 {
            let plan = scheduler.plan()
            scheduler.commit(plan)
            for slice in plan.slices where slice.isComplete { scheduler.append(9, to: slice.id) }
        }
        #expect(scheduler.preemptions > 0 && scheduler.waitingCount == 1)
        scheduler.remove(1)
        let plan = scheduler.plan()
        #expect(plan.slices.map(\.id) == [2] && plan.slices.first?.start == 16, "its full block was found again")
    }

    @Test func guessesFollowTheLastTokenAndRightOnesStay() throws {
        var scheduler = scheduler()
        scheduler.add(1, prompt(1, 20))
        scheduler.commit(scheduler.plan())
        scheduler.append(7, to: 1)
        var plan = Plan()
        scheduler.plan(into: &plan) { _, _, _, tokens in tokens += [8, 9, 10] }
        #expect(plan.tokens == [7, 8, 9, 10] && plan.outputs == [0, 1, 2, 3])
        let slice = try #require(plan.slices.first)
        #expect(slice.drafted == 3 && slice.start == 20 && slice.isComplete)
        plan.slices[0].accepted = 2
        scheduler.commit(plan)
        scheduler.append(11, to: 1)
        #expect(scheduler.plan().tokens == [11] && scheduler.plan().slices.first?.start == 23)
    }

    /// Guesses get room in free blocks, less one for everybody who runs, and give it back.
    @Test(arguments: 2...5) func guessesTakeNobodysBlock(total: Int) {
        var scheduler = scheduler(blocks: total)
        scheduler.add(1, prompt(1, 15))
        scheduler.commit(scheduler.plan())
        scheduler.append(7, to: 1)
        var plan = Plan(), rooms: [Int] = []
        scheduler.plan(into: &plan) { _, room, _, tokens in
            rooms.append(room)
            tokens += Array(repeating: 1, count: room)
        }
        #expect(rooms == (total == 2 ? [] : [15]) && scheduler.preemptions == 0)
        #expect(scheduler.blocks.heldCount == (total == 2 ? 1 : 2))
        scheduler.commit(plan)
        #expect(scheduler.blocks.isConsistent)
        scheduler.remove(1)
        #expect(scheduler.blocks.heldCount == 0)
    }

    /// Random requests until all are done: nobody starves, budgets hold, no block is lost. Two in three seeds guess.
    @Test(arguments: 0..<45) func everyoneFinishes(seed: Int) throws {
        var random = Lottery(seed: UInt64(seed + 1)), crowd = Crowd(total: Int.random(in: 4...20, using: &random))
        var scheduler = scheduler(
            blocks: crowd.total,
            budget: Int.random(in: 1...100, using: &random),
            seats: Int.random(in: 1...6, using: &random),
            scores: Int.random(in: 1...20, using: &random),
            reuse: seed % 3 != 0
        )
        var steps = 0
        while crowd.added < 40 || !crowd.goals.isEmpty, steps < 20_000 {
            steps += 1
            if crowd.added < 40, Bool.random(using: &random) { crowd.add(to: &scheduler, &random) }
            var plan = Plan()
            scheduler.plan(into: &plan) { _, room, _, tokens in
                guard seed % 9 < 6 else { return }
                tokens += (0..<Int.random(in: 0...room, using: &random)).map { Int32($0 % 5) }
            }
            for index in plan.slices.indices {
                plan.slices[index].accepted = Int.random(in: 0...plan.slices[index].drafted, using: &random)
            }
            try check(plan, scheduler)
            scheduler.commit(plan)
            for slice in plan.slices where slice.isComplete {
                try crowd.advance(slice.id, by: slice.accepted + 1, in: &scheduler, &random)
            }
            if Int.random(in: 0..<50, using: &random) == 0 { crowd.dismissOne(from: &scheduler) }
            #expect(scheduler.blocks.isConsistent)
        }
        #expect(crowd.goals.isEmpty && scheduler.isEmpty, "after \(steps) steps")
        #expect(scheduler.blocks.heldCount == 0)
    }

    /// Requests of random lengths, each with the length at which it is done.
    struct Crowd {
        let total: Int
        var goals: [Int: Int] = [:], lengths: [Int: Int] = [:], added = 0

        init(total: Int) { self.total = total }

        mutating func add(to scheduler: inout Scheduler, _ random: inout Lottery) {
            added += 1
            let count = Int.random(in: 1...total * 8, using: &random), seed = Int32.random(in: 0..<3, using: &random)
            lengths[added] = count
            goals[added] = min(total * 16, count + Int.random(in: 1...60, using: &random))
            scheduler.add(
                added,
                (0..<Int32(count)).map { seed &* 10_000 &+ $0 },
                priority: Int.random(in: -1...1, using: &random),
                scores: Int.random(in: 0..<4, using: &random) == 0 ? count - 1 : 0
            )
        }

        mutating func advance(_ id: Int, by count: Int, in scheduler: inout Scheduler, _ random: inout Lottery) throws {
            let length = try #require(lengths[id]) + count, goal = try #require(goals[id])
            lengths[id] = length
            guard length >= goal else {
                return scheduler.append(Int32.random(in: 0..<5, using: &random), to: id)
            }
            scheduler.remove(id)
            goals[id] = nil
        }

        mutating func dismissOne(from scheduler: inout Scheduler) {
            guard let id = goals.keys.min() else { return }
            scheduler.remove(id)
            goals[id] = nil
        }
    }

    func check(_ plan: Plan, _ scheduler: Scheduler) throws {
        #expect(!plan.slices.isEmpty || scheduler.isEmpty, "work is left but nothing planned")
        #expect(plan.tokens.count <= scheduler.limits.budget)
        #expect(plan.slices.map(\.rows.count).reduce(0, +) == plan.tokens.count)
        var written: Set<Int> = []
        for slice in plan.slices {
            try #require(slice.blocks.count >= Blocks.covering(slice.start + slice.rows.count))
            for row in 0..<slice.rows.count {
                let position = slice.start + row
                let place = Int(slice.blocks[position / 16]) * 16 + position % 16
                #expect(written.insert(place).inserted, "two rows write one place")
            }
        }
    }
}

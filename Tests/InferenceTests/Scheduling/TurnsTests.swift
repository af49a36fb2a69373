import Inference
import Testing

@Suite struct TurnsTests {
    /// The order in which requests are served one after another; each is a client and its prompt's length.
    private func order(_ requests: [(client: Int, tokens: Int)]) -> [Int] {
        var scheduler = Scheduler(blocks: 1000, limits: .init(budget: 4096, seats: 1), reusesPrefixes: false)
        for (id, request) in requests.enumerated() {
            scheduler.add(id, prompt(id, request.tokens), client: request.client)
        }
        return served(&scheduler)
    }

    private func prompt(_ id: Int, _ count: Int) -> [Int32] { (0..<count).map { Int32(id * 10_000 + $0) } }

    private func served(_ scheduler: inout Scheduler) -> [Int] {
        var order: [Int] = []
        while !scheduler.isEmpty {
            let plan = scheduler.plan()
            scheduler.commit(plan)
            order += plan.slices.map(\.id)
            scheduler.remove(order.last!)
        }
        return order
    }

    @Test func oneClientIsServedInOrder() {
        #expect(order((0..<20).map { (client: 0, tokens: 1 + $0 * 100) }) == Array(0..<20))
    }

    @Test func aFloodTakesTurnsWithAVisitor() {
        let flood = Array(repeating: (client: 0, tokens: 4), count: 10)
        #expect(order(flood + [(1, 4), (2, 4), (1, 4)]) == [0, 10, 11, 1, 12] + Array(2...9))
    }

    @Test func longPromptsCostMoreTurns() {
        let long = Array(repeating: (client: 0, tokens: 1500), count: 3)
        let short = Array(repeating: (client: 1, tokens: 4), count: 6)
        #expect(order(long + short) == [0, 3, 4, 5, 1, 6, 7, 8, 2])
    }

    @Test func silenceSavesNothingUp() {
        var scheduler = Scheduler(blocks: 1000, limits: .init(budget: 64, seats: 1), reusesPrefixes: false)
        for id in 0..<10 { scheduler.add(id, prompt(id, 4), client: 0) }
        _ = served(&scheduler)
        for id in 10..<16 { scheduler.add(id, prompt(id, 4), client: id < 13 ? 1 : 0) }
        #expect(served(&scheduler) == [10, 11, 13, 12, 14, 15])
    }
}

import Inference
import Testing

@Suite struct TurnsTests {
    /// The order in which requests are served one after another; each is a client and its prompt's length.
    private func order(_ requests: [(client: Int, tokens: Int)]) throws -> [Int] {
        var scheduler = Scheduler(blocks: 1000, limits: .init(budget: 4096, seats: 1), reusesPrefixes: false)
        for (id, request) in requests.enumerated() {
            scheduler.add(id, prompt(id, request.tokens), client: request.client)
        }
        return try served(&scheduler)
    }

    private func prompt(_ id: Int, _ count: Int) -> [Int32] { (0..<count).map { Int32(id * 10_000 + $0) } }

    private func served(_ scheduler: inout Scheduler) throws -> [Int] {
        var order: [Int] = []
        while !scheduler.isEmpty {
            let plan = scheduler.plan()
            scheduler.commit(plan)
            order += plan.slices.map(\.id)
            scheduler.remove(try #require(order.last))
        }
        return order
    }

    @Test func oneClientIsServedInOrder() throws {
        #expect(try order((0..<20).map { (client: 0, tokens: 1 + $0 * 100) }) == Array(0..<20))
    }

    @Test func aFloodTakesTurnsWithAVisitor() throws {
        let flood = Array(repeating: (client: 0, tokens: 4), count: 10)
        #expect(try order(flood + [(1, 4), (2, 4), (1, 4)]) == [0, 10, 11, 1, 12] + Array(2...9))
    }

    @Test func longPromptsCostMoreTurns() throws {
        let long = Array(repeating: (client: 0, tokens: 1500), count: 3)
        let short = Array(repeating: (client: 1, tokens: 4), count: 6)
        #expect(try order(long + short) == [0, 3, 4, 5, 1, 6, 7, 8, 2])
    }

    @Test func silenceSavesNothingUp() throws {
        var scheduler = Scheduler(blocks: 1000, limits: .init(budget: 64, seats: 1), reusesPrefixes: false)
        for id in 0..<10 { scheduler.add(id, prompt(id, 4), client: 0) }
        _ = try served(&scheduler)
        for id in 10..<16 { scheduler.add(id, prompt(id, 4), client: id < 13 ? 1 : 0) }
        let order = try served(&scheduler)
        #expect(order == [10, 11, 13, 12, 14, 15])
    }
}

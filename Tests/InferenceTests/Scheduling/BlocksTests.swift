import Inference
import Testing

@Suite struct BlocksTests {
    func text(_ seed: Int32, _ count: Int = 16) -> [Int32] { (0..<Int32(count)).map { seed &* 1000 &+ $0 } }

    @Test func whatWasPublishedIsFoundAgain() throws {
        var blocks = Blocks(count: 4)
        let words = text(1) + text(2)
        let first = try blocks.taken(), second = try blocks.taken()
        let one = blocks.publish(first, words[..<16], after: 0)
        let two = blocks.publish(second, words[16...], after: one.content)
        #expect(blocks.prefix(of: words + [7]).blocks == [first, second])
        #expect(blocks.prefix(of: words + [7]).last == two.content)
        #expect(blocks.prefix(of: words.dropLast()).blocks == [first])
        #expect(blocks.prefix(of: text(2)).blocks.isEmpty, "the same tokens after other ones are another text")
        blocks.release([first, second])
        #expect(blocks.available == 4 && blocks.cachedCount == 2 && blocks.isConsistent)
        #expect(blocks.prefix(of: words).blocks == [first, second])
    }

    @Test func theLongestUnusedContentsGoFirstAndEndsBeforeBeginnings() throws {
        var blocks = Blocks(count: 3)
        let ids = try (0..<3).map { _ in try blocks.taken() }
        var before: Blocks.Content = 0
        for (id, seed) in zip(ids, 1...3) { before = blocks.publish(id, text(Int32(seed)), after: before).content }
        blocks.release(ids)
        let words = text(1) + text(2) + text(3)
        #expect(blocks.take() == ids[2])
        #expect(blocks.prefix(of: words).blocks == [ids[0], ids[1]])
        #expect(blocks.take() == ids[1] && blocks.take() == ids[0] && blocks.take() == nil)
        #expect(blocks.isConsistent)
    }

    @Test func equalContentsAreKeptOnce() throws {
        var blocks = Blocks(count: 2)
        let first = try blocks.taken(), second = try blocks.taken()
        _ = blocks.publish(first, text(1), after: 0)
        #expect(blocks.publish(second, text(1), after: 0).block == first)
        #expect(blocks.holders == [2, 0] && blocks.emptyCount == 1 && blocks.isConsistent)
    }

    /// Thousands of random operations against a model that remembers everything and shares nothing.
    @Test(arguments: 0..<20) func survivesRandomUse(seed: Int) {
        var random = Lottery(seed: UInt64(seed + 1))
        var blocks = Blocks(count: Int.random(in: 1...24, using: &random))
        var memory = [[Int32]](repeating: [], count: blocks.count)  // the text that ends in each block, as last written
        var holders: [[Int32]] = []
        for _ in 0..<2000 {
            if Bool.random(using: &random), !holders.isEmpty {
                blocks.release(holders.remove(at: Int.random(in: holders.indices, using: &random)))
            } else {
                let words = (0..<4).flatMap { _ in text(Int32.random(in: 0..<3, using: &random)) }
                let known = blocks.prefix(of: words)
                for (place, block) in known.blocks.enumerated() {
                    #expect(memory[Int(block)] == Array(words.prefix((place + 1) * 16)), "block \(block) lies")
                }
                blocks.retain(known.blocks)
                var mine = known.blocks, last = known.last
                while mine.count < 4, let block = blocks.take() {
                    memory[Int(block)] = Array(words.prefix((mine.count + 1) * 16))
                    let published = blocks.publish(block, words[mine.count * 16..<mine.count * 16 + 16], after: last)
                    mine.append(published.block)
                    last = published.content
                    if Int.random(in: 0..<5, using: &random) == 0 { break }
                }
                holders.append(mine)
            }
            let expected = holders.joined().reduce(into: [Int](repeating: 0, count: blocks.count)) { $0[Int($1)] += 1 }
            #expect(blocks.holders == expected && blocks.isConsistent)
        }
        holders.forEach { blocks.release($0) }
        #expect(blocks.available == blocks.count && blocks.isConsistent)
    }
}

extension Blocks {
    fileprivate mutating func taken() throws -> Int32 {
        let block = take()
        return try #require(block)
    }
}

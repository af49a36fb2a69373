import Inference
import Testing

@Suite struct OptionsTests {
    func blocks(_ change: (inout Engine.Options) -> Void, memory: Int = 1 << 34, context: Int = 2048) -> Int {
        var options = Engine.Options()
        change(&options)
        return options.cacheBlocks(blockBytes: 1 << 16, contextLength: context, memory: memory)
    }

    @Test func theCacheIsAsLargeAsAskedOrAsFits() {
        #expect(blocks { _ in } == 4 * 128)
        #expect(blocks({ _ in }, memory: 1 << 24) == 64, "a quarter of the memory")
        #expect(blocks { $0.cacheTokens = 33 } == 3)
        #expect(blocks { $0.cacheBytes = 10 << 16 } == 10)
        #expect(blocks { $0.cacheBytes = 0 } == 1)
        #expect(blocks { $0.cacheTokens = .max } == 1 << 28)
    }
}

import Models

/// What a key-value cache holds of each block of 16 positions; caches with the same layout can take each other's.
public struct CacheLayout: Sendable, Hashable {
    /// `f16` or `q8_0`.
    public var type: String
    public var layers, kvHeads, headWidth, blockBytes: Int

    public init(type: String, layers: Int, kvHeads: Int, headWidth: Int, blockBytes: Int) {
        (self.type, self.layers, self.kvHeads) = (type, layers, kvHeads)
        (self.headWidth, self.blockBytes) = (headWidth, blockBytes)
    }
}

/// The beginning of a text with its keys and values, taken out of a cache: whole blocks only.
public struct CachedText: Sendable, Hashable {
    public var tokens: [Int32]
    /// One for each 16 tokens.
    public var blocks: [[UInt8]]

    public init(tokens: [Int32] = [], blocks: [[UInt8]] = []) { (self.tokens, self.blocks) = (tokens, blocks) }
}

extension Engine {
    /// What the cache has of the beginning of a text. Nothing is computed.
    ///
    /// - Parameter model: whose requests were about the text, where it is one with an adapter.
    public func cached(_ tokens: [Int], of model: ServedModel? = nil) async throws(EngineError) -> CachedText {
        let tokens = tokens.map(Int32.init), root = Blocks.root(model?.adapter?.id ?? 0)
        let found = await withCheckedContinuation { (answer: CheckedContinuation<CachedText?, Never>) in
            door.post { answer.resume(returning: $0?.cached(tokens, after: root)) }
        }
        guard let found else { throw .shuttingDown }
        return found
    }

    /// Puts a text's keys and values into the cache, as if they had been computed; as many as there is room for. Whoever asks with
    /// that beginning finds them.
    ///
    /// - Parameters:
    ///   - text: of the same weights and ``cacheLayout``.
    ///   - model: whose requests will be about it, where it is one with an adapter.
    /// - Returns: how many of its tokens the cache has now.
    @discardableResult
    public func restore(_ text: CachedText, of model: ServedModel? = nil) async throws(EngineError) -> Int {
        let root = Blocks.root(model?.adapter?.id ?? 0)
        guard let cacheLayout, text.tokens.count == text.blocks.count * Blocks.size,
            text.blocks.allSatisfy({ $0.count == cacheLayout.blockBytes })
        else { throw .invalid("what was saved is not of this model's cache") }
        if let id = text.tokens.first(where: { $0 < 0 || $0 >= vocabularySize }) {
            throw .unknownToken(id: Int(id), vocabulary: vocabularySize)
        }
        let count = await withCheckedContinuation { (answer: CheckedContinuation<Int?, Never>) in
            door.post { answer.resume(returning: $0?.restore(text, after: root)) }
        }
        guard let count else { throw .shuttingDown }
        return count
    }
}

extension EngineLoop {
    fileprivate func cached(_ tokens: [Int32], after root: Blocks.Content) -> CachedText {
        let run = scheduler.blocks.prefix(of: tokens, after: root).blocks
        return CachedText(
            tokens: Array(tokens.prefix(run.count * Blocks.size)),
            blocks: run.map { runner.contents(of: $0) }
        )
    }

    fileprivate func restore(_ text: CachedText, after root: Blocks.Content) -> Int {
        var (held, last) = scheduler.blocks.prefix(of: text.tokens, after: root)
        scheduler.blocks.retain(held)
        // What is cached already makes room, but not what this text itself has put there.
        while held.count < text.blocks.count, let block = scheduler.blocks.take() {
            runner.fill(block, with: text.blocks[held.count])
            let tokens = text.tokens[held.count * Blocks.size..<(held.count + 1) * Blocks.size]
            let published = scheduler.blocks.publish(block, tokens, after: last)
            held.append(published.block)
            last = published.content
        }
        scheduler.blocks.release(held)
        return held.count * Blocks.size
    }
}

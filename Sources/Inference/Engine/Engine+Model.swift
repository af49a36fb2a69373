import Foundation
package import Models
import Tensors
package import Text

extension Engine {
    /// An engine for a model, with a key-value cache of its own.
    public convenience init(_ model: ServedModel, options: Options = Options()) {
        self.init(model.model, voice: model.tokenizer, contextLength: model.contextLength, options: options)
    }

    package convenience init(
        _ model: any LanguageModel,
        voice: any Voice,
        contextLength: Int,
        options: Options = Options()
    ) {
        let blocks = options.cacheBlocks(blockBytes: model.cacheShape.blockBytes, contextLength: contextLength)
        let runner = ModelRunner(model, blocks: blocks)
        self.init(runner: runner, voice: voice, contextLength: contextLength, options: options)
    }
}

extension Engine.Options {
    /// How many blocks the cache gets. Only address space is taken at once.
    package func cacheBlocks(
        blockBytes: Int,
        contextLength: Int,
        memory: Int = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    ) -> Int {
        let most = (1 << 44) / blockBytes  // what a process can address with ease
        let wanted =
            if let cacheTokens {
                Blocks.covering(min(cacheTokens, most * Blocks.size))
            } else if let cacheBytes {
                cacheBytes / blockBytes
            } else {
                min(4 * Blocks.covering(contextLength), memory / 4 / blockBytes)
            }
        return min(max(wanted, 1), most)
    }
}

extension Tokenizer: Voice {
    package func makeSpeaker() -> any Speaker { makeDecoder(skipSpecial: true, continuing: true) }
}

extension IncrementalDecoder: Speaker {}

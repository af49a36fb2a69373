import Foundation
package import Models
package import Tensors
package import Text

extension Engine {
    /// An engine for a model, with a key-value cache of its own.
    public convenience init(_ model: ServedModel, options: Options = Options()) {
        let draft = model.draft.map { draft in
            let longest = min(draft.contextLength, model.contextLength)
            return DraftModel(
                options.runner(draft.model, contextLength: longest),
                vocabulary: model.model.vocabulary,
                contextLength: draft.contextLength
            )
        }
        self.init(
            model.model,
            voice: model.tokenizer,
            contextLength: model.contextLength,
            options: options,
            draft: draft
        )
    }

    package convenience init(
        _ model: any LanguageModel,
        voice: any Voice,
        contextLength: Int,
        options: Options = Options(),
        draft: DraftModel? = nil
    ) {
        let options = options.fitted(to: model.cacheShape)
        let runner = options.runner(model, contextLength: contextLength)
        self.init(runner: runner, voice: voice, contextLength: contextLength, options: options) {
            request,
            maxTokens,
            chance in
            let lookup = PromptLookup(request.prompt, prediction: request.prediction)
            guard let draft else { return lookup }
            return TwoDrafters(lookup, ModelDrafter(draft, request, maxTokens: maxTokens, chance: chance))
        }
    }
}

extension Engine.Options {
    /// A network with a cache for contexts of that length.
    fileprivate func runner(_ model: any LanguageModel, contextLength: Int) -> ModelRunner {
        let blockBytes = model.cacheShape.kept(as: cacheType).blockBytes
        let blocks = cacheBlocks(blockBytes: blockBytes, contextLength: contextLength)
        return ModelRunner(model, blocks: blocks, cacheType: cacheType)
    }

    /// The same, for a network that keeps such things: of states nothing can be taken back, as a wrong guess must be, and nobody
    /// shares their beginnings; and no more requests run at once than there is memory for states.
    package func fitted(
        to shape: CacheShape,
        memory: Int = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    ) -> Self {
        guard shape.isRecurrent else { return self }
        var options = self
        (options.reusesPrefixes, options.speculates) = (false, false)
        options.maxRunning = min(maxRunning, max(1, (cacheBytes ?? memory / 4) / max(1, shape.stateBytes)))
        return options
    }

    /// How many blocks the cache gets. Only address space is taken at once.
    package func cacheBlocks(
        blockBytes: Int,
        contextLength: Int,
        memory: Int = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    ) -> Int {
        guard blockBytes > 0 else { return Blocks.covering(cacheTokens ?? 2 * contextLength) }
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
    package func makeSpeaker(showing shown: Set<Int>) -> any Speaker {
        makeDecoder(skipSpecial: true, showing: shown, continuing: true)
    }
}

extension IncrementalDecoder: Speaker {}

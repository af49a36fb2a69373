package import Models
package import Tensors

/// Runs plans on a real network and its key-value cache.
package struct ModelRunner: Runner {
    let model: any LanguageModel
    let cache: KeyValueCache

    package init(_ model: any LanguageModel, blocks: Int, cacheType: CacheType = .f16) {
        self.model = model
        cache = KeyValueCache(model.cacheShape.kept(as: cacheType), blocks: blocks)
    }

    package var vocabulary: Int { model.vocabulary }
    package var blocks: Int { cache.blocks }

    package var keeping: CacheLayout? {
        let shape = cache.shape
        guard !shape.isRecurrent else { return nil }  // states are not in its blocks
        return CacheLayout(
            type: shape.type.rawValue,
            layers: shape.layers,
            kvHeads: shape.kvHeads,
            headWidth: shape.headWidth,
            blockBytes: shape.blockBytes
        )
    }

    package func contents(of block: Int32) -> [UInt8] { cache.contents(of: Int(block)) }
    package func fill(_ block: Int32, with contents: [UInt8]) { cache.fill(Int(block), with: contents) }

    package func run(_ plan: Plan, _ body: (Logits) -> Void) {
        let batch = Batch(
            tokens: plan.tokens,
            sequences: plan.slices.map { .init(rows: $0.rows, start: $0.start, blocks: $0.blocks) },
            outputs: plan.outputs,
            cache: cache,
            adapters: plan.slices.map(\.adapter)
        )
        model(batch).withFloats(body)
    }
}

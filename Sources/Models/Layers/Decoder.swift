import Checkpoints
import Tensors

/// What makes something of each row alone: a feed-forward.
protocol FeedForward: Sendable {
    /// Whether the rows it reads are multiplied as bytes.
    var takesBytes: Bool { get }

    /// `x` is `[rows, width]`, and so is the result.
    func callAsFunction(_ x: Tensor) -> Tensor
}

extension SwiGLU: FeedForward {}

/// What lets rows look at each other: attention.
protocol Mixing: Sendable {
    /// Whether the rows it reads are multiplied as bytes.
    var takesBytes: Bool { get }

    /// `x` is `[rows, width]`, and so is the result.
    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor
}

/// One of a decoder's layers.
protocol DecoderBlock: Sendable {
    /// `x` is `[rows, width]`, and so is the result.
    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor
}

/// The block of Llama and most that came after: what attention, and then the feed-forward, makes of the normed rows is added to them.
struct PreNormBlock: DecoderBlock {
    let attentionNorm, mlpNorm: RMSNorm, attention: any Mixing, mlp: any FeedForward
    let attentionDropout, mlpDropout: Dropout
    /// What is added is multiplied by this first.
    private var share: Float = 1

    /// - Parameters:
    ///   - attention, mlp: made from the weights named `names.attention` and `names.mlp`.
    ///   - names: what the family calls the parts.
    init(
        _ c: Llama.Configuration,
        _ w: Weights,
        names: Names = Names(),
        attention: (Weights) throws -> any Mixing,
        mlp: (Weights) throws -> any FeedForward
    ) throws {
        self.attention = try attention(w[names.attention])
        self.mlp = try mlp(w[names.mlp])
        let norm = { (name: String) in try RMSNorm(c.width, epsilon: c.epsilon, w[name]) }
        attentionNorm = try norm(names.attentionNorm).before(self.attention.takesBytes)
        mlpNorm = try norm(names.mlpNorm).before(self.mlp.takesBytes)
        (attentionDropout, mlpDropout) = (w[names.attention].residualDropout, w[names.mlp].residualDropout)
    }

    /// The same block, which multiplies what it adds.
    func adding(_ share: Float) -> PreNormBlock {
        var block = self
        block.share = share
        return block
    }

    struct Names {
        var attentionNorm = "input_layernorm", attention = "self_attn"
        var mlpNorm = "post_attention_layernorm", mlp = "mlp"
    }

    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {
        let h = x + scaled(attentionDropout(attention(attentionNorm(x), angles, batch)))
        return h + scaled(mlpDropout(mlp(mlpNorm(h))))
    }

    private func scaled(_ x: Tensor) -> Tensor { share == 1 ? x : x * share }
}

/// A table of tokens, blocks one after another, a last norm and a head: what decoders of Llama's line are made of.
struct Decoder: Sendable {
    let vocabulary: Int, cacheShape: CacheShape
    let embedding: Embedding, blocks: [any DecoderBlock], norm: RMSNorm, rope: RotaryEmbedding
    let head: AffineMap
    /// What embeddings, and the states that the head scores, are multiplied by.
    private var inputScale: Float = 1, outputScale: Float = 1

    /// - Parameters:
    ///   - cacheShape: nil for keys and values as wide as the configuration's heads.
    ///   - rope: nil for one whose heads turn whole, stretched as the configuration says.
    ///   - block: makes a layer from its weights.
    init(
        _ c: Llama.Configuration,
        _ weights: Weights,
        names: Names = Names(),
        cacheShape: CacheShape? = nil,
        rope: RotaryEmbedding? = nil,
        block: (_ layer: Int, _ weights: Weights) throws -> any DecoderBlock
    ) throws {
        let w = weights[names.root]
        (vocabulary, self.cacheShape) = (c.vocabulary, cacheShape ?? c.cacheShape)
        embedding = try Embedding(c.vocabulary, c.width, w[names.embedding])
        blocks = try layers(c.layers, w[names.layers], first: names.first, block)
        norm = try RMSNorm(c.width, epsilon: c.epsilon, w[names.norm])
        self.rope = try rope ?? RotaryEmbedding(width: c.headWidth, base: c.ropeBase, scaling: c.ropeScaling)
        head = try c.tied ? embedding.head : Linear(c.width, c.vocabulary, weights[names.head]).head
    }

    /// The same network with embeddings, and the states that the head scores, multiplied by numbers.
    func scaled(input: Float = 1, output: Float = 1) -> Decoder {
        var decoder = self
        (decoder.inputScale, decoder.outputScale) = (input, output)
        return decoder
    }

    struct Names {
        var root = "model", embedding = "embed_tokens", layers = "layers", norm = "norm", head = "lm_head"
        /// A tensor that every layer has.
        var first = "input_layernorm.weight"
    }

    func states(_ batch: Batch) -> Tensor {
        let angles = rope.angles(at: batch.positions), embedded = embedding(batch.tokens)
        let states = blocks.reduce(inputScale == 1 ? embedded : embedded * inputScale) { x, block in
            batch.remembers ? block(x, angles, batch) : recomputed { block(x, angles, batch) }
        }
        let normed = norm(batch.selected(states))
        return outputScale == 1 ? normed : normed * outputScale
    }
}

import Checkpoints
import Tensors

/// A block that norms what goes into each of its parts and what comes out.
struct SandwichBlock: DecoderBlock {
    let attentionNorm, attentionOutputNorm, mlpNorm, mlpOutputNorm: RMSNorm
    let attention: any Mixing, mlp: any FeedForward, attentionDropout, mlpDropout: Dropout

    /// What a family calls the four norms.
    struct Names {
        let attention, attentionOutput, mlp, mlpOutput: String

        static let gemma = Names(
            attention: "input_layernorm",
            attentionOutput: "post_attention_layernorm",
            mlp: "pre_feedforward_layernorm",
            mlpOutput: "post_feedforward_layernorm"
        )
    }

    init(
        _ c: Llama.Configuration,
        _ w: Weights,
        names: Names,
        attention: (Weights) throws -> any Mixing,
        mlp: (Weights) throws -> any FeedForward
    ) throws {
        self.attention = try attention(w["self_attn"])
        self.mlp = try mlp(w["mlp"])
        let norm = { (name: String) in try RMSNorm(c.width, epsilon: c.epsilon, w[name]) }
        attentionNorm = try norm(names.attention).before(self.attention.takesBytes)
        attentionOutputNorm = try norm(names.attentionOutput)
        mlpNorm = try norm(names.mlp).before(self.mlp.takesBytes)
        mlpOutputNorm = try norm(names.mlpOutput)
        (attentionDropout, mlpDropout) = (w["self_attn"].residualDropout, w["mlp"].residualDropout)
    }

    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {
        let h = x + attentionDropout(attentionOutputNorm(attention(attentionNorm(x), angles, batch)))
        return h + mlpDropout(mlpOutputNorm(mlp(mlpNorm(h))))
    }
}

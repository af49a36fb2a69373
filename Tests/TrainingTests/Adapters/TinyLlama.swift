import Checkpoints
import Models
import Tensors
import TestSupport

/// The tiny Llama that the reference library made.
struct TinyLlama {
    static let settings: Settings = [
        "model_type": "llama", "vocab_size": 96, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5, "tie_word_embeddings": true,
        "rope_theta": 100_000,
    ]

    let weights: [String: Tensor]

    init() throws { weights = try Golden.safetensors("Models/llama").tensors }

    /// The same network with quantised matrices.
    var quantized: [String: Tensor] { weights.mapValues { $0.shape.count == 2 ? $0.quantized(to: .q8_0) : $0 } }
}

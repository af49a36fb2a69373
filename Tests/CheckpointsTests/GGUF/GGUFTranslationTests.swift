import Checkpoints
import Tensors
import Testing

/// The tiny files have the names, row order and metadata of the reference's converter; beside each stands what models must be
/// given.
@Suite struct GGUFTranslationTests {
    @Test(arguments: ["llama", "qwen2", "qwen3", "gemma3", "gpt2"])
    func everyTensorHasItsHuggingFaceNameAndRows(name: String) throws {
        let file = try GGUFFile(path: golden("tiny-\(name).gguf"))
        let expected = try GGUFFile(path: golden("tiny-\(name)-expected.gguf"))
        for tensor in expected.tensors {
            let found = try #require(try file.weights.tensor(tensor.name, nil), "\(tensor.name) is missing")
            let wanted = try #require(try expected.weights.tensor(tensor.name, nil))
            #expect(found.shape == wanted.shape && found.dtype == wanted.dtype, "\(tensor.name)")
            #expect(found.bytes == wanted.bytes, "\(tensor.name) differs")
        }
        #expect(file.tensors.count == expected.tensors.count + (name == "llama" ? 1 : 0))
    }

    @Test func llamaSettings() throws {
        let settings = try GGUFFile(path: golden("tiny-llama.gguf")).settings
        let expected: Settings = [
            "model_type": "llama", "hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 24,
            "max_position_embeddings": 128, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 4,
            "rms_norm_eps": .number(Double(Float(1e-5))), "rope_theta": 10_000.0, "vocab_size": 10,
            "tie_word_embeddings": true, "attention_bias": true, "hidden_act": "silu", "bos_token_id": 1,
            "eos_token_id": 2, "rope_scaling": ["rope_type": "llama3", "factors": [1.0, 8.0]],
        ]
        #expect(settings.values == expected.values)
    }

    @Test func qwen2Settings() throws {
        let settings = try GGUFFile(path: golden("tiny-qwen2.gguf")).settings
        #expect(try settings("model_type") == "qwen2")
        #expect(try settings("attention_bias") == true)
        #expect(try settings("tie_word_embeddings") == false)
        #expect(
            settings["rope_scaling"]
                == ["rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32]
        )
    }

    @Test func gemma3Settings() throws {
        let settings = try GGUFFile(path: golden("tiny-gemma3.gguf")).settings
        #expect(try settings("model_type") == "gemma3_text")
        #expect(try settings("head_dim") == 8)
        #expect(try settings("query_pre_attn_scalar") == 8)
        #expect(try settings("sliding_window") == 64)
        #expect(try settings("sliding_window_pattern") == 6)
        #expect(try settings("rope_local_base_freq") == Float(10_000))
        #expect(settings["rope_scaling"] == ["rope_type": "linear", "factor": 8.0])
        #expect(settings["v_head_dim"] == nil)
    }

    @Test func qwen3Settings() throws {
        let settings = try GGUFFile(path: golden("tiny-qwen3.gguf")).settings
        #expect(try settings("model_type") == "qwen3")
        #expect(try settings("head_dim") == 8)
        #expect(try settings("attention_bias") == false)
    }

    @Test func gpt2SettingsAreSpeltAsItsOwn() throws {
        let settings = try GGUFFile(path: golden("tiny-gpt2.gguf")).settings
        let expected: Settings = [
            "model_type": "gpt2", "n_embd": 16, "n_layer": 2, "n_head": 4, "n_inner": 24, "n_positions": 32,
            "head_dim": 4, "num_key_value_heads": 4, "layer_norm_epsilon": .number(Double(Float(1e-5))),
            "activation_function": "gelu_new", "scale_attn_weights": true, "scale_attn_by_inverse_layer_idx": false,
            "vocab_size": 10, "tie_word_embeddings": true, "bos_token_id": 1,
            "eos_token_id": 1,
        ]
        #expect(settings.values == expected.values)
        #expect(try settings.positive("max_position_embeddings") == 32)
    }
}

"""More tiny random networks, family by family; see models.py.

Needs `transformers`, `torch`, `safetensors`, `numpy`.
"""

from transformers import MixtralConfig, MixtralForCausalLM, Qwen3MoeConfig, Qwen3MoeForCausalLM

from ._networks import SHARED, write

FOLDER = "Models"


def mixtral(folder):
    """Two of four experts, in both layers."""
    config = SHARED | {
        "model_type": "mixtral",
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "rope_theta": 1_000_000.0,
        "sliding_window": None,
    }
    config |= {"hidden_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 64}
    config |= {"num_local_experts": 4, "num_experts_per_tok": 2}
    write(folder, "mixtral", MixtralForCausalLM, MixtralConfig, config, train=True)


def qwen3_moe(folder):
    """A dense layer, then one of six experts of which a token takes three, weights normalised."""
    config = SHARED | {
        "model_type": "qwen3_moe",
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "rope_theta": 1_000_000.0,
        "attention_bias": False,
        "use_sliding_window": False,
    }
    config |= {"hidden_size": 32, "head_dim": 16, "rms_norm_eps": 1e-6, "moe_intermediate_size": 32}
    config |= {"num_experts": 6, "num_experts_per_tok": 3, "norm_topk_prob": True, "decoder_sparse_step": 1}
    config |= {"mlp_only_layers": [0]}
    write(folder, "qwen3-moe", Qwen3MoeForCausalLM, Qwen3MoeConfig, config, train=True)


CASES = {
    "mixtral": mixtral,
    "qwen3-moe": qwen3_moe,
}

"""Tiny random networks of every architecture, run by the reference library.

Needs `transformers`, `torch`, `safetensors`, `numpy`. Weights are drawn so that attention is far from uniform and
norms far from one, and are exact in bfloat16. What each file holds is told in Tests/Golden/Models/README.md.
"""

from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from ._networks import SHARED, write

LLAMA3_SCALING = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


def llama(folder):
    """SmolLM2's settings: grouped queries, tied, a rotary base of 100,000."""
    config = SHARED | {
        "model_type": "llama",
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "rope_theta": 100_000.0,
    }
    write(folder, "llama", LlamaForCausalLM, LlamaConfig, config, train=True)


def llama_untied(folder):
    """A head of its own, heads wider than width / heads, and as many key heads as query heads."""
    config = SHARED | {
        "model_type": "llama",
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "rope_theta": 10_000.0,
    }
    config |= {"head_dim": 32, "num_attention_heads": 2, "num_key_value_heads": 2, "rms_norm_eps": 1e-6}
    write(folder, "llama-untied", LlamaForCausalLM, LlamaConfig, config)


def llama3(folder):
    """Llama 3's rotary scaling; the original context is so short that all three of its ranges occur."""
    config = SHARED | {
        "model_type": "llama",
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "rope_theta": 500_000.0,
    }
    config |= {"rope_scaling": LLAMA3_SCALING}
    write(folder, "llama3", LlamaForCausalLM, LlamaConfig, config)


def qwen2(folder):
    """Biases on query, key and value; tied; one key head for four query heads."""
    config = SHARED | {
        "model_type": "qwen2",
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "rope_theta": 1_000_000.0,
    }
    config |= {"num_key_value_heads": 1, "rms_norm_eps": 1e-6, "use_sliding_window": False}
    write(folder, "qwen2", Qwen2ForCausalLM, Qwen2Config, config, train=True)


def gemma3(folder):
    """Five local layers, a global one, a local one; a window of 8 under a prompt of 24."""
    config = SHARED | {
        "model_type": "gemma3_text",
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 7,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "hidden_activation": "gelu_pytorch_tanh",
        "query_pre_attn_scalar": 24,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1_000_000.0,
        "rope_local_base_freq": 10_000.0,
        "sliding_window": 8,
        "sliding_window_pattern": 6,
        "tie_word_embeddings": True,
        "pad_token_id": 0,
    }
    write(folder, "gemma3", Gemma3ForCausalLM, Gemma3TextConfig, config, train=True)


def qwen3(folder):
    """Norms on each head's queries and keys, no biases; untied, with heads wider than width / heads."""
    config = SHARED | {
        "model_type": "qwen3",
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "rope_theta": 1_000_000.0,
        "attention_bias": False,
    }
    config |= {"hidden_size": 32, "head_dim": 16, "rms_norm_eps": 1e-6, "use_sliding_window": False}
    write(folder, "qwen3", Qwen3ForCausalLM, Qwen3Config, config, train=True)


GPT2 = {
    "model_type": "gpt2",
    "vocab_size": 96,
    "n_embd": 64,
    "n_head": 4,
    "n_layer": 2,
    "n_inner": 96,
    "n_positions": 64,
    "layer_norm_epsilon": 1e-5,
    "activation_function": "gelu_new",
    "tie_word_embeddings": True,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def gpt2(folder):
    """GPT-2's own settings."""
    write(folder, "gpt2", GPT2LMHeadModel, GPT2Config, GPT2, train=True)


def gpt2_untied(folder):
    """A head of its own, exact GELU, feed-forwards of the usual width, scores divided by the number of the layer."""
    config = GPT2 | {"n_embd": 32, "n_head": 2, "n_inner": None, "tie_word_embeddings": False}
    config |= {"activation_function": "gelu", "scale_attn_by_inverse_layer_idx": True}
    write(folder, "gpt2-untied", GPT2LMHeadModel, GPT2Config, config)


CASES = {
    "llama": llama,
    "llama-untied": llama_untied,
    "llama3": llama3,
    "qwen2": qwen2,
    "qwen3": qwen3,
    "gemma3": gemma3,
    "gpt2": gpt2,
    "gpt2-untied": gpt2_untied,
}

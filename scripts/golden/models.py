"""Tiny random networks of every architecture, run by the reference library.

Needs `transformers`, `torch`, `safetensors`, `numpy`. Weights are drawn so that attention is far from uniform and
norms far from one, and are exact in bfloat16. What each file holds is told in Tests/Golden/Models/README.md.
"""

import itertools

import torch
import transformers
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

from ._files import save

torch.set_num_threads(1)  # or sums depend on the machine

SEED = 20261123

SHARED = {
    "vocab_size": 96,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "rms_norm_eps": 1e-5,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": None,
}

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


def write(folder, name, architecture, configuration, config, train=False):
    model = architecture._from_config(configuration(**config), attn_implementation="eager").eval()
    seed, found = decided(model, config["vocab_size"])
    metadata = {
        "seed": str(seed),
        "versions": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "config": config,
    }
    weights = {
        k: v for k, v in model.state_dict().items() if not (config["tie_word_embeddings"] and k == "lm_head.weight")
    }
    save(folder, name, arrays(weights), metadata)
    save(folder, f"{name}.outputs", arrays(found), metadata)
    if train:
        save(folder, f"{name}.gradients", arrays(gradients(model, config["vocab_size"])), metadata)


def decided(model, vocabulary):
    """The first seed whose greedy continuation has variety and no near tie, so that rounding cannot change it."""
    for seed in itertools.count(SEED):
        torch.manual_seed(seed)
        randomise(model)
        found = outputs(model, vocabulary)
        if found["greedy.margins"].min() > 0.02 and len(set(found["greedy.tokens"].tolist())) >= 8:
            return seed, found


@torch.no_grad()
def randomise(model):
    for name, weight in model.named_parameters():
        drawn = torch.randn(weight.shape)
        if name.endswith("bias"):
            drawn *= 0.5
        elif weight.dim() == 1:
            drawn = drawn * 0.3 + (0 if "gemma" in type(model).__name__.lower() else 1)
        elif any(table in name for table in ["embed_tokens", "wte", "wpe"]):
            drawn *= 0.15
        else:
            inputs = weight.shape[0] if ".c_" in name else weight.shape[1]
            drawn *= 1.5 / inputs**0.5
        weight.copy_(drawn.bfloat16())


def prompts(vocabulary):
    generator = torch.Generator().manual_seed(SEED + 1)
    return {
        name: torch.randint(3, vocabulary, (count,), generator=generator) for name, count in {"a": 24, "b": 11}.items()
    }


@torch.no_grad()
def outputs(model, vocabulary):
    found = {}
    for name, tokens in prompts(vocabulary).items():
        found[f"{name}.tokens"] = tokens
        found[f"{name}.logits"], hidden = observed(model, tokens)
        for number, state in enumerate(hidden):
            found[f"{name}.hidden.{number}"] = state
    return found | greedy(model, found["b.tokens"])


def observed(model, tokens):
    """The logits, and what entered each layer and the final norm."""
    hidden, network = [], model.base_model
    parts = [*network.h, network.ln_f] if hasattr(network, "h") else [*network.layers, network.norm]
    hooks = [
        part.register_forward_pre_hook(lambda _, inputs: hidden.append(inputs[0][0].clone())) for part in parts
    ]
    logits = model(tokens[None]).logits[0]
    for hook in hooks:
        hook.remove()
    return logits, hidden


def greedy(model, prompt, count=16):
    step = model.generate(
        prompt[None],
        attention_mask=torch.ones_like(prompt[None]),
        do_sample=False,
        min_new_tokens=count,
        max_new_tokens=count,
        eos_token_id=None,
        pad_token_id=0,
        return_dict_in_generate=True,
        output_logits=True,
    )
    best = torch.cat(step.logits).topk(2).values
    margin = best[:, 0] - best[:, 1]
    return {"greedy.prompt": prompt, "greedy.tokens": step.sequences[0, len(prompt) :], "greedy.margins": margin}


def gradients(model, vocabulary):
    tokens = prompts(vocabulary)["a"]
    model.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(tokens[None]).logits[0, :-1], tokens[1:])
    loss.backward()
    found = {"tokens": tokens, "loss": loss.detach()[None]}
    return found | {f"gradient.{name}": weight.grad for name, weight in model.named_parameters()}


def arrays(tensors):
    found = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        found[name] = tensor.int().numpy() if tensor.dtype == torch.int64 else tensor.float().numpy()
    return found

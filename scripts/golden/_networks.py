"""Runs tiny random networks of the reference library, and writes what they are and what they compute.

What each file holds is told in Tests/Golden/Models/README.md.
"""

import itertools

import torch
import transformers

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


def write(
    folder, name, architecture, configuration, config, train=False, published_config=None, rename=None, prepare=lambda model: None
):
    """Writes a network, what it computes, and perhaps its gradients.

    `published_config` is what such a model's own config.json says, where the class is that of another family with the same network;
    `rename` gives its tensors their own names then, and `prepare` changes the weights drawn.
    """
    model = architecture._from_config(configuration(**config), attn_implementation="eager").eval()
    seed, found = decided(model, config["vocab_size"], prepare)
    config = published_config or config
    rename = rename or published
    metadata = {
        "seed": str(seed),
        "versions": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "config": config,
    }
    weights = {
        k: v for k, v in model.state_dict().items() if not (config["tie_word_embeddings"] and k == "lm_head.weight")
    }
    save(folder, name, arrays(rename(weights, config)), metadata)
    save(folder, f"{name}.outputs", arrays(found), metadata)
    if train:
        found = rename(gradients(model, config["vocab_size"]), config)
        save(folder, f"{name}.gradients", arrays(found), metadata)


def published(tensors, config):
    """The tensors as files on the Hub have them: each expert's matrices apart, under the names of their papers."""
    found = {}
    names = ("w1", "w3", "w2") if config["model_type"] == "mixtral" else ("gate_proj", "up_proj", "down_proj")
    for name, tensor in tensors.items():
        name = name.replace(".gate.moe_statics.", ".moe_statics.")
        if config["model_type"] == "mixtral":
            name = name.replace(".mlp.", ".block_sparse_moe.")
        stem, _, part = name.rpartition(".")
        if part == "gate_up_proj" and tensor.dim() == 3:
            for expert, both in enumerate(tensor):
                gate, up = both.chunk(2)
                found |= {f"{stem}.{expert}.{names[0]}.weight": gate, f"{stem}.{expert}.{names[1]}.weight": up}
        elif part == "down_proj" and tensor.dim() == 3:
            found |= {f"{stem}.{expert}.{names[2]}.weight": own for expert, own in enumerate(tensor)}
        else:
            found[name] = tensor
    return found


def decided(model, vocabulary, prepare=lambda model: None):
    """The first seed whose greedy continuation has variety and no near tie, so that rounding cannot change it."""
    for seed in itertools.count(SEED):
        torch.manual_seed(seed)
        randomise(model)
        prepare(model)
        found = outputs(model, vocabulary)
        if found["greedy.margins"].min() > 0.02 and len(set(found["greedy.tokens"].tolist())) >= 8:
            return seed, found


@torch.no_grad()
def randomise(model):
    for name, weight in model.named_parameters():
        drawn = torch.randn(weight.shape)
        if name.endswith("bias"):
            drawn *= 0.1 if "correction" in name else 0.5
        elif weight.dim() == 1:
            drawn = drawn * 0.3 + (0 if "gemma" in type(model).__name__.lower() else 1)
        elif any(table in name for table in ["embed_tokens", "wte", "wpe"]):
            drawn *= 0.15
        else:
            inputs = weight.shape[0] if ".c_" in name else weight.shape[-1]
            drawn *= 1.5 / inputs**0.5
        weight.copy_(drawn.bfloat16())
    for name, buffer in model.named_buffers():
        if "correction" in name:
            buffer.copy_((torch.randn(buffer.shape) * 0.1).bfloat16())


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
    last = getattr(network, "ln_f", None) or getattr(network, "norm_f", None) or network.norm
    parts = [*(network.h if hasattr(network, "h") else network.layers), last]
    hooks = [
        part.register_forward_pre_hook(lambda _, inputs: hidden.append(inputs[0].reshape(-1, inputs[0].shape[-1]).clone()))
        for part in parts
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
        use_cache="Mamba2" not in type(model).__name__,  # a step with its cache ignores the limits of steps
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
    learnt = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
    return found | {f"gradient.{name}": gradient for name, gradient in learnt.items()}


def arrays(tensors):
    found = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        kept = tensor if tensor.dtype == torch.uint8 else tensor.int() if tensor.dtype == torch.int64 else tensor.float()
        found[name] = kept.numpy()
    return found

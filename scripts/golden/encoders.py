"""Tiny random encoders of every architecture, run by the reference library.

Needs `transformers`, `torch`, `safetensors`, `numpy`. What each file holds is told in Tests/Golden/Encoders/README.md.
"""

import torch
import transformers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    ModernBertConfig,
    ModernBertForSequenceClassification,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

from ._files import save
from ._networks import SEED, arrays

torch.set_num_threads(1)  # or sums depend on the machine

FOLDER = "Encoders"

SHARED = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 160,
    "pad_token_id": 0,
    "num_labels": 1,
}


def bert(folder):
    """Two segments, and a classifier of three labels on the pooler."""
    config = SHARED | {"model_type": "bert", "hidden_act": "gelu", "type_vocab_size": 2, "layer_norm_eps": 1e-12}
    write(folder, "bert", BertForSequenceClassification, BertConfig, config | {"num_labels": 3})


def xlm_roberta(folder):
    """Places counted from 2 on, one segment, a reranker's single score."""
    config = SHARED | {"model_type": "xlm-roberta", "hidden_act": "gelu", "type_vocab_size": 1, "layer_norm_eps": 1e-5}
    write(folder, "xlm-roberta", XLMRobertaForSequenceClassification, XLMRobertaConfig, config | {"pad_token_id": 1})


def modernbert(folder):
    """Four layers, of which two see eight places on either side; the classifier looks at the mean."""
    config = SHARED | {"model_type": "modernbert", "num_hidden_layers": 4, "local_attention": 16, "norm_eps": 1e-5}
    config |= {"hidden_activation": "gelu", "global_rope_theta": 160_000.0, "local_rope_theta": 10_000.0}
    config |= {"global_attn_every_n_layers": 3, "classifier_pooling": "mean", "classifier_activation": "gelu"}
    write(folder, "modernbert", ModernBertForSequenceClassification, ModernBertConfig, config)


CASES = {"bert": bert, "xlm-roberta": xlm_roberta, "modernbert": modernbert}


def write(folder, name, architecture, configuration, config):
    torch.manual_seed(SEED)
    model = architecture._from_config(configuration(**config), attn_implementation="eager").eval()
    randomise(model)
    metadata = {
        "seed": str(SEED),
        "versions": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "config": config,
    }
    roots = {"bert": "bert.", "xlm-roberta": "roberta.", "modernbert": "model."}
    weights = {
        key.removeprefix(roots[name]): value
        for key, value in model.state_dict().items()
        if not key.endswith(("position_ids", "token_type_ids"))
    }
    save(folder, name, arrays(weights), metadata)
    save(folder, f"{name}.outputs", arrays(outputs(model, config)), metadata)


@torch.no_grad()
def randomise(model):
    for name, weight in model.named_parameters():
        drawn = torch.randn(weight.shape)
        if name.endswith("bias"):
            drawn *= 0.5
        elif weight.dim() == 1:
            drawn = drawn * 0.3 + 1
        elif "embeddings" in name:
            drawn *= 0.5
        else:
            drawn *= 1.5 / weight.shape[-1] ** 0.5
        weight.copy_(drawn.bfloat16())


@torch.no_grad()
def outputs(model, config):
    """Texts of several lengths, each alone: `long` is more than a span of attention and than any neighbourhood."""
    generator, found = torch.Generator().manual_seed(SEED + 1), {}
    for name, count in {"one": 1, "short": 7, "long": 140}.items():
        tokens = torch.randint(3, config["vocab_size"], (count,), generator=generator)
        segments = (torch.arange(count) >= count // 2).long() * (config.get("type_vocab_size", 1) - 1)
        more = {"token_type_ids": segments[None]} if "type_vocab_size" in config else {}
        mask = torch.ones_like(tokens[None])
        states = model.base_model(tokens[None], attention_mask=mask, **more).last_hidden_state[0]
        scores = model(tokens[None], attention_mask=mask, **more).logits[0]
        found |= {f"{name}.tokens": tokens, f"{name}.segments": segments}
        found |= {f"{name}.states": states, f"{name}.scores": scores}
    return found

"""Tiny random networks of vendors whose families the reference library does not have: by a class of it whose network is the same, or by
one of _references.py; see models.py.

Needs `transformers`, `torch`, `safetensors`, `numpy`.
"""

import torch
import transformers

from ._networks import write
from ._references import Grouped, PlainConfig, Sloped, Spark
from .families import named

FOLDER = "Models"


def minicpm(folder):
    """MiniCPM by the class of Granite, whose network is the same, with other settings for the same numbers."""
    config = named("minicpm", scale_emb=12, scale_depth=1.4, dim_model_base=8, tie_word_embeddings=True)
    granite = config | {"embedding_multiplier": 12.0, "residual_multiplier": 1.4 / 2**0.5, "logits_scaling": 4.0}
    granite |= {"attention_multiplier": 16**-0.5, "model_type": "granite"}
    write(folder, "minicpm", transformers.GraniteForCausalLM, transformers.GraniteConfig, granite, published_config=config, train=True)


def internlm2(folder):
    """InternLM 2 by the class of Llama, whose network is the same; one map for queries, keys and values, key head by key head."""
    config = named("internlm2", num_attention_heads=4, num_key_value_heads=2, hidden_size=64, bias=False)
    write(
        folder, "internlm2", transformers.LlamaForCausalLM, transformers.LlamaConfig, config | {"model_type": "llama"},
        published_config=config, rename=internlm2_names,
    )


def internlm2_names(tensors, config):
    found, width = {}, config["hidden_size"] // config["num_attention_heads"]
    names = {"model.embed_tokens": "model.tok_embeddings", "lm_head": "output", "self_attn.o_proj": "attention.wo"}
    names |= {"input_layernorm": "attention_norm", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "feed_forward.w1"}
    names |= {"mlp.up_proj": "feed_forward.w3", "mlp.down_proj": "feed_forward.w2"}
    for name, tensor in tensors.items():
        if ".q_proj" in name:
            stem = name.removesuffix("self_attn.q_proj.weight")
            heads = config["num_key_value_heads"]
            q, k, v = (tensors[f"{stem}self_attn.{p}_proj.weight"].reshape(heads, -1, tensor.shape[1]) for p in "qkv")
            found[f"{stem}attention.wqkv.weight"] = torch.cat([q, k, v], 1).reshape(-1, tensor.shape[1])
        elif ".k_proj" not in name and ".v_proj" not in name:
            for theirs, ours in names.items():
                name = name.replace(theirs, ours)
            found[name] = tensor
    return found


def baichuan2(folder):
    """Baichuan 2, 7B, by the class of Llama: one map for queries, keys and values; the head's rows as they are once their length is 1."""
    config = named("baichuan", num_key_value_heads=2)
    write(
        folder, "baichuan2", transformers.LlamaForCausalLM, transformers.LlamaConfig, config | {"model_type": "llama"},
        published_config=config, rename=baichuan2_names, prepare=unit_head,
    )


@torch.no_grad()
def unit_head(model):
    weight = model.lm_head.weight
    weight.copy_(torch.nn.functional.normalize(weight) * 1.0)


def baichuan2_names(tensors, config):
    found = {}
    for name, tensor in tensors.items():
        if ".q_proj" in name:
            parts = [tensors[name.replace("q_proj", f"{part}_proj")] for part in "qkv"]
            found[name.replace("q_proj", "W_pack")] = torch.cat(parts)
        elif ".k_proj" not in name and ".v_proj" not in name:
            found[name] = tensor
    return found


def chatglm(folder):
    """GLM-4-9B as first published, by the class of its later form: names of its own, one map for queries, keys and values."""
    glm = named("glm", head_dim=16, attention_bias=True, partial_rotary_factor=0.5, pad_token_id=0, rope_theta=50_000.0)
    config = {"model_type": "chatglm", "num_layers": 2, "hidden_size": 32, "ffn_hidden_size": 48, "num_attention_heads": 2}
    config |= {"multi_query_attention": True, "multi_query_group_num": 1, "kv_channels": 16, "padded_vocab_size": 96}
    config |= {"vocab_size": 96}
    config |= {"seq_length": 256, "layernorm_epsilon": 1e-5, "rmsnorm": True, "post_layer_norm": True, "add_qkv_bias": True}
    config |= {"add_bias_linear": False, "apply_residual_connection_post_layernorm": False, "rope_ratio": 5}
    config |= {"tie_word_embeddings": False, "eos_token_id": [2], "pad_token_id": 0}
    write(
        folder, "chatglm", transformers.GlmForCausalLM, transformers.GlmConfig, glm, published_config=config,
        rename=chatglm_names, train=True,
    )


def chatglm_names(tensors, config):
    found = {}
    names = {"model.embed_tokens": "transformer.embedding.word_embeddings", "lm_head": "transformer.output_layer"}
    names |= {"model.layers": "transformer.encoder.layers", "model.norm": "transformer.encoder.final_layernorm"}
    names |= {"self_attn.o_proj": "self_attention.dense", "self_attn.q_proj": "self_attention.query_key_value"}
    names |= {"mlp.gate_up_proj": "mlp.dense_h_to_4h", "mlp.down_proj": "mlp.dense_4h_to_h"}
    for name, tensor in tensors.items():
        if ".q_proj" in name:
            tensor = torch.cat([tensors[name.replace("q_proj", f"{part}_proj")] for part in "qkv"])
        if ".k_proj" not in name and ".v_proj" not in name:
            for theirs, ours in names.items():
                name = name.replace(theirs, ours)
            found[name] = tensor
    return found


def pangu(folder):
    """openPangu-Embedded by the class of Llama: biases on every map of attention."""
    config = named("PanguEmbedded", bias=True)
    llama = config | {"model_type": "llama", "attention_bias": True}
    write(folder, "pangu-embedded", transformers.LlamaForCausalLM, transformers.LlamaConfig, llama, published_config=config)


def skywork(folder):
    """Skywork by the class of Llama, whose network is the same."""
    config = named("skywork", num_key_value_heads=2)
    llama = config | {"model_type": "llama"}
    write(folder, "skywork", transformers.LlamaForCausalLM, transformers.LlamaConfig, llama, published_config=config)


def zhinao(folder):
    """360Zhinao by the class of Qwen 2, which has biases in the same places; its map for queries, keys and values is InternLM 2's."""
    config = named("zhinao", num_attention_heads=4, num_key_value_heads=2, hidden_size=64)
    qwen = config | {"model_type": "qwen2"}
    write(
        folder, "zhinao", transformers.Qwen2ForCausalLM, transformers.Qwen2Config, qwen, published_config=config,
        rename=zhinao_names,
    )


def zhinao_names(tensors, config):
    found, heads = {}, config["num_key_value_heads"]
    for name, tensor in tensors.items():
        if ".q_proj" in name:
            parts = [tensors[name.replace("q_proj", f"{p}_proj")] for p in "qkv"]
            groups = [part.reshape(heads, -1, *part.shape[1:]) for part in parts]
            found[name.replace("q_proj", "qkv_proj")] = torch.cat(groups, 1).reshape(-1, *tensor.shape[1:])
        elif ".k_proj" not in name and ".v_proj" not in name:
            found[name] = tensor
    return found


def baichuan2_13b(folder):
    """Slopes for positions; three heads, which is no power of two."""
    config = named("baichuan", num_attention_heads=3, num_key_value_heads=3, hidden_size=48, head_dim=16)
    config |= {"position_embedding_type": "alibi"}
    write(
        folder, "baichuan2-13b", Sloped, PlainConfig, config, rename=baichuan2_names, prepare=unit_head, train=True,
    )


def pangu_moe(folder):
    """Two groups of three experts and a shared one, after a dense layer."""
    config = named("PanguProMoE", head_dim=16, num_experts=6, num_experts_per_tok=2, moe_intermediate_size=16)
    config |= {"shared_expert_intermediate_size": 32, "mlp_only_layers": [0]}
    write(folder, "pangu-pro-moe", Grouped, PlainConfig, config, rename=lambda tensors, config: tensors, train=True)


def iflytekspark(folder):
    """A window of 8 positions; biases, norms with means, a gate with GELU."""
    config = named("iflytekspark", num_key_value_heads=2, sliding_window=8, layer_norm_eps=1e-5, hidden_act="gelu_gate")
    write(folder, "iflytekspark", Spark, PlainConfig, config, rename=lambda tensors, config: tensors, train=True)


CASES = {
    "minicpm": minicpm,
    "internlm2": internlm2,
    "baichuan2": baichuan2,
    "baichuan2-13b": baichuan2_13b,
    "chatglm": chatglm,
    "iflytekspark": iflytekspark,
    "pangu-embedded": pangu,
    "pangu-pro-moe": pangu_moe,
    "skywork": skywork,
    "zhinao": zhinao,
}

"""More tiny random networks, family by family; see models.py.

Needs `transformers`, `torch`, `safetensors`, `numpy`.
"""

import torch
import transformers
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


def named(model_type, **changes):
    """A small configuration of that type, its head its own."""
    base = SHARED | {"model_type": model_type, "hidden_act": "silu", "tie_word_embeddings": False, "rope_theta": 10_000.0}
    return base | {"hidden_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 48} | changes


def write_named(folder, name, family, config, **options):
    write(folder, name, getattr(transformers, f"{family}ForCausalLM"), getattr(transformers, f"{family}Config"), config, **options)


def mistral(folder):
    """A window of 8 positions, under a prompt of 24."""
    write_named(folder, "mistral", "Mistral", named("mistral", sliding_window=8, head_dim=16))


YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}


def yarn(folder):
    """YaRN's stretching, whose bounds lie within the few frequencies there are."""
    config = named("llama", rope_scaling=YARN | {"beta_fast": 8.0, "beta_slow": 1.0}, head_dim=32)
    write_named(folder, "llama-yarn", "Llama", config)


def linear(folder):
    """Positions divided by four."""
    write_named(folder, "llama-linear", "Llama", named("llama", rope_scaling={"rope_type": "linear", "factor": 4.0}))


def phi3(folder):
    """Three quarters of a head turn; as Phi-4-mini has it, heads tied."""
    config = named("phi3", partial_rotary_factor=0.75, hidden_size=64, num_attention_heads=2, tie_word_embeddings=True)
    write_named(folder, "phi3", "Phi3", config | {"pad_token_id": 0}, train=True)


def phi3_long(folder):
    """LongRoPE in a context longer than the original, which both prompts are longer than too."""
    factors = [1.0 + 0.25 * i for i in range(8)]
    scaling = {"rope_type": "longrope", "short_factor": [1.0] * 8, "long_factor": factors}
    config = named("phi3", rope_scaling=scaling, original_max_position_embeddings=8, pad_token_id=0)
    write_named(folder, "phi3-long", "Phi3", config)


def phi3_short(folder):
    """The same, opened for no more than the original context, which no prompt is longer than."""
    factors = [1.0 + 0.25 * i for i in range(8)]
    scaling = {"rope_type": "longrope", "short_factor": factors, "long_factor": [4.0] * 8}
    config = named("phi3", rope_scaling=scaling, original_max_position_embeddings=128, pad_token_id=0)
    write_named(folder, "phi3-short", "Phi3", config, published_config=config | {"yuyan_context": 128})


def gemma2(folder):
    """Four layers, every other of which sees 8 positions; bounds that the scores come near."""
    config = named("gemma2", num_hidden_layers=4, head_dim=16, sliding_window=8, query_pre_attn_scalar=24, rms_norm_eps=1e-6)
    config |= {"attn_logit_softcapping": 2.0, "final_logit_softcapping": 3.0, "hidden_activation": "gelu_pytorch_tanh"}
    write_named(folder, "gemma2", "Gemma2", config | {"tie_word_embeddings": True, "pad_token_id": 0}, train=True)


def glm4(folder):
    """GLM-4-0414: half of a head turns, neighbours together; norms before and after."""
    config = named("glm4", head_dim=32, attention_bias=True, partial_rotary_factor=0.5, pad_token_id=0)
    write_named(folder, "glm4", "Glm4", config, train=True)


def glm(folder):
    """GLM-4-9B: the same without the norms after."""
    config = named("glm", head_dim=16, attention_bias=True, partial_rotary_factor=0.5, pad_token_id=0)
    write_named(folder, "glm4-first", "Glm", config)


def smollm3(folder):
    """Nothing turns in the second layer."""
    write_named(folder, "smollm3", "SmolLM3", named("smollm3", no_rope_layer_interval=2, tie_word_embeddings=True), train=True)


def ernie(folder):
    """Neighbours turn together; biases on every map."""
    write_named(folder, "ernie45", "Ernie4_5", named("ernie4_5", use_bias=True, head_dim=16, tie_word_embeddings=True), train=True)


def ernie_moe(folder):
    """A dense layer, then two of six experts, chosen with a correction, and two shared ones."""
    config = named("ernie4_5_moe", moe_intermediate_size=16, moe_num_experts=6, moe_k=2, moe_num_shared_experts=2)
    config |= {"moe_layer_start_index": 1, "moe_layer_end_index": -1, "moe_layer_interval": 1, "use_bias": False}
    write_named(folder, "ernie45-moe", "Ernie4_5_Moe", config, train=True)


def hunyuan(folder):
    """Norms after turning; a base stretched by a fixed alpha."""
    scaling = {"rope_type": "dynamic", "alpha": 50.0, "factor": 1.0}
    config = named("hunyuan_v1_dense", head_dim=16, rope_scaling=scaling, tie_word_embeddings=True, pad_token_id=0)
    write_named(folder, "hunyuan", "HunYuanDenseV1", config, train=True)


def hunyuan_moe(folder):
    """Two of four experts and a shared one."""
    config = named("hunyuan_v1_moe", head_dim=16, num_experts=4, moe_topk=2, num_shared_expert=1, pad_token_id=0)
    write_named(folder, "hunyuan-moe", "HunYuanMoEV1", config, train=True)


LATENT = {"kv_lora_rank": 16, "qk_nope_head_dim": 16, "qk_rope_head_dim": 16, "v_head_dim": 16, "moe_intermediate_size": 16}


def deepseek_v2(folder):
    """No latent for queries; a dense layer, then three of eight experts, in the best two of four groups; two shared ones."""
    config = named("deepseek_v2", q_lora_rank=None, n_routed_experts=8, num_experts_per_tok=3, n_shared_experts=2) | LATENT
    config |= {"first_k_dense_replace": 1, "topk_method": "group_limited_greedy", "n_group": 4, "topk_group": 2}
    config |= {"routed_scaling_factor": 2.0, "norm_topk_prob": False, "num_key_value_heads": 2, "head_dim": 16, "pad_token_id": 0}
    write_named(folder, "deepseek-v2", "DeepseekV2", config, train=True)


def deepseek_v3(folder):
    """A latent for queries; YaRN; two of eight experts in two of four groups, chosen with a correction; a shared one."""
    scaling = YARN | {"mscale": 1.0, "mscale_all_dim": 0.5, "beta_fast": 32, "beta_slow": 1}
    config = named("deepseek_v3", q_lora_rank=24, n_routed_experts=8, num_experts_per_tok=2, n_shared_experts=1) | LATENT
    config |= {"first_k_dense_replace": 1, "n_group": 4, "topk_group": 2, "routed_scaling_factor": 2.5, "norm_topk_prob": True}
    config |= {"rope_scaling": scaling, "num_key_value_heads": 2, "v_head_dim": 8, "pad_token_id": 0, "head_dim": 16}
    write_named(folder, "deepseek-v3", "DeepseekV3", config, train=True)


def gpt_oss(folder):
    """Sinks, a window of 8 in the first layer, YaRN without whole bounds, two of four experts with biases."""
    scaling = YARN | {"beta_fast": 32.0, "beta_slow": 1.0, "truncate": False}
    config = named("gpt_oss", head_dim=16, num_local_experts=4, num_experts_per_tok=2, sliding_window=8, rope_scaling=scaling)
    config |= {"attention_bias": True, "swiglu_limit": 1.5, "layer_types": ["sliding_attention", "full_attention"]}
    config |= {"pad_token_id": 0, "hidden_size": 32, "intermediate_size": 32}
    write_named(folder, "gpt-oss", "GptOss", config, rename=gpt_oss_names, train=True)


def gpt_oss_mxfp4(folder):
    """The same with experts in MXFP4, as GPT-OSS is published, under the names that it is published with."""
    config = named("gpt_oss", head_dim=16, num_local_experts=4, num_experts_per_tok=2, sliding_window=8, hidden_size=64)
    config |= {"rope_scaling": YARN | {"beta_fast": 32.0, "beta_slow": 1.0, "truncate": False}}
    config |= {"attention_bias": True, "swiglu_limit": 1.5, "layer_types": ["sliding_attention", "full_attention"]}
    config |= {"pad_token_id": 0, "intermediate_size": 32}
    write(
        folder, "gpt-oss-mxfp4", transformers.GptOssForCausalLM, transformers.GptOssConfig, config, prepare=round_experts,
        published_config=config | {"quantization_config": {"quant_method": "mxfp4"}}, rename=mxfp4_names,
    )


LEVELS = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])


def mxfp4(rows):
    """Blocks of 32 as the largest power of two that keeps a block within 6, and the nearest level of each element."""
    groups = rows.reshape(*rows.shape[:-1], -1, 32)
    exponents = torch.ceil(torch.log2(groups.abs().amax(-1) / 6))
    scaled = groups / torch.exp2(exponents)[..., None]
    codes = (scaled.abs()[..., None] - LEVELS).abs().argmin(-1) | (scaled < 0).long() << 3
    return codes, exponents


def mxfp4_values(codes, exponents):
    signs = 1 - 2 * (codes >> 3).float()
    return (LEVELS[codes & 7] * signs * torch.exp2(exponents)[..., None]).flatten(-2)


@torch.no_grad()
def round_experts(model):
    for name, weight in model.named_parameters():
        if name.endswith((".gate_up_proj", ".experts.down_proj")):
            weight.copy_(mxfp4_values(*mxfp4(weight.transpose(1, 2))).transpose(1, 2))


def mxfp4_names(tensors, config):
    found = {}
    for name, tensor in tensors.items():
        if name.endswith((".gate_up_proj", ".experts.down_proj")):
            codes, exponents = mxfp4(tensor.transpose(1, 2))
            found[f"{name}_blocks"] = (codes[..., 0::2] | codes[..., 1::2] << 4).to(torch.uint8)
            found[f"{name}_scales"] = (exponents + 127).to(torch.uint8)
        else:
            found[name] = tensor
    return found


def gpt_oss_names(tensors, config):
    """Each expert's maps apart and as [outputs, inputs]; the files have gate and up row by row in turn, and matrices turned."""
    found = {}
    for name, tensor in tensors.items():
        stem, _, part = name.rpartition(".")
        if not stem.endswith("experts"):
            found[name] = tensor
            continue
        kind = "bias" if part.endswith("_bias") else "weight"
        for expert, own in enumerate(tensor):
            own = own if kind == "bias" else own.T
            parts = {"gate_proj": own[::2], "up_proj": own[1::2]} if part.startswith("gate_up") else {"down_proj": own}
            found |= {f"{stem}.{expert}.{place}.{kind}": value for place, value in parts.items()}
    return found


def mamba2(folder):
    """Two groups of heads, whose norms are apart; steps that the limits cut."""
    config = {key: SHARED[key] for key in ["vocab_size", "num_hidden_layers", "bos_token_id", "eos_token_id"]}
    config |= {"model_type": "mamba2", "hidden_size": 32, "expand": 2, "num_heads": 4, "head_dim": 16, "n_groups": 2}
    config |= {"state_size": 20, "conv_kernel": 4, "use_bias": False, "use_conv_bias": True, "layer_norm_epsilon": 1e-5}
    config |= {"time_step_limit": [0.05, 1.5], "pad_token_id": 0, "chunk_size": 8, "tie_word_embeddings": False}
    config |= {"max_position_embeddings": 1 << 20}
    write_named(folder, "mamba2", "Mamba2", config, train=True)


CASES = {
    "mamba2": mamba2,
    "gpt-oss": gpt_oss,
    "gpt-oss-mxfp4": gpt_oss_mxfp4,
    "mixtral": mixtral,
    "qwen3-moe": qwen3_moe,
    "mistral": mistral,
    "llama-yarn": yarn,
    "llama-linear": linear,
    "phi3": phi3,
    "phi3-long": phi3_long,
    "phi3-short": phi3_short,
    "gemma2": gemma2,
    "glm4": glm4,
    "glm4-first": glm,
    "smollm3": smollm3,
    "ernie45": ernie,
    "ernie45-moe": ernie_moe,
    "hunyuan": hunyuan,
    "hunyuan-moe": hunyuan_moe,
    "deepseek-v2": deepseek_v2,
    "deepseek-v3": deepseek_v3,
}

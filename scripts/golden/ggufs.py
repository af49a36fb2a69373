"""The tiny networks of Tests/Golden/Models as GGUF files, as the reference's converter would write them. Needs: gguf 0.19.0, numpy.

Matrices are bfloat16, which has the networks' weights exactly; vectors are float32. Names come from the reference's map of tensors; what
stands here is the order of rows, what is put together or taken apart, and the metadata, family by family.
"""

import math

import gguf
import numpy as np

from ._ggufs import Arch, Network

FOLDER = "Models"


def rotary(n, width=None):
    n.writer.add_rope_dimension_count(width or n.config.get("head_dim") or n.config["hidden_size"] // n.heads)


def further(n, name, shape, kind):
    """A quantised tensor of a layer that the network does not have, to see what is made of it."""
    values = np.random.default_rng(7).standard_normal(shape, dtype=np.float32)
    n.writer.add_tensor(f"blk.{n.layers}.{name}.weight", gguf.quants.quantize(values, kind), raw_dtype=kind)


def mistral(n):
    """Files do not say Mistral's window."""
    rotary(n)
    n.permute()


def mixtral(n):
    mistral(n)
    n.stack(n.config["num_local_experts"], ("w1", "w2", "w3"))


def qwen3_moe(n):
    """The reference's map has no dense layers in it, which the network has one of: they are named as elsewhere."""
    for part in ["gate", "up", "down"]:
        n.add(f"blk.0.ffn_{part}.weight", n.tensors.pop(f"model.layers.0.mlp.{part}_proj.weight"))
    n.stack(n.config["num_experts"])


def phi3(n):
    scaling = n.config.get("rope_scaling")
    rotary(n, int(n.config.get("partial_rotary_factor", 1) * n.config["hidden_size"] / n.heads))
    n.writer.add_sliding_window(0)
    if not scaling:
        return
    original, most = n.config["original_max_position_embeddings"], n.config["max_position_embeddings"]
    n.writer.add_rope_scaling_orig_ctx_len(original)
    n.writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(most / original) / math.log(original)))
    for kind in ["long", "short"]:
        n.writer.add_tensor(f"rope_factors_{kind}.weight", np.array(scaling[f"{kind}_factor"], np.float32))


def gemma2(n):
    n.writer.add_attn_logit_softcapping(n.config["attn_logit_softcapping"])
    n.writer.add_final_logit_softcapping(n.config["final_logit_softcapping"])
    n.writer.add_sliding_window(n.config["sliding_window"])
    n.each("norm.weight", lambda x: {"norm.weight": x + 1})


def glm(n):
    rotary(n, n.config["head_dim"] // 2)


def glm_first(n):
    """Published with one map for queries, keys and values."""
    glm(n)
    for layer in range(n.layers):
        stem = f"model.layers.{layer}.self_attn"
        for suffix in ["weight", "bias"]:
            parts = [n.tensors.pop(f"{stem}.{part}_proj.{suffix}") for part in "qkv"]
            n.add(f"blk.{layer}.attn_qkv.{suffix}", np.concatenate(parts))


def deepseek(n, apart):
    c, w = n.config, n.writer
    key, latent, turning = c["qk_nope_head_dim"] + c["qk_rope_head_dim"], c["kv_lora_rank"], c["qk_rope_head_dim"]
    if c["q_lora_rank"]:
        w.add_q_lora_rank(c["q_lora_rank"])
    w.add_kv_lora_rank(latent)
    w.add_key_length(latent + turning if apart else key)
    w.add_value_length(latent if apart else c["v_head_dim"])
    if apart:
        w.add_head_count_kv(1)
        w.add_key_length_mla(key)
        w.add_value_length_mla(c["v_head_dim"])
    rotary(n, turning)
    w.add_leading_dense_block_count(c["first_k_dense_replace"])
    w.add_expert_shared_count(c["n_shared_experts"])
    w.add_expert_weights_scale(c["routed_scaling_factor"])
    w.add_expert_weights_norm(c["norm_topk_prob"])
    w.add_expert_group_count(c["n_group"])
    w.add_expert_group_used_count(c["topk_group"])
    sigmoid = c["model_type"] == "deepseek_v3"
    w.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID if sigmoid else gguf.ExpertGatingFuncType.SOFTMAX)
    if c.get("rope_scaling"):
        w.add_rope_scaling_yarn_log_mul(0.1 * c["rope_scaling"]["mscale_all_dim"])
    n.stack(c["n_routed_experts"])
    n.each("e_score_correction_bias", lambda x: {"e_score_correction.bias": x})
    if not apart:
        return

    def split(x):
        both = x.reshape(n.heads, -1, latent)
        keys, values = both[:, :c["qk_nope_head_dim"]], both[:, c["qk_nope_head_dim"]:]
        return {".k_b_proj.weight": keys.swapaxes(1, 2), ".v_b_proj.weight": values}

    n.each(".kv_b_proj.weight", split)
    further(n, "attn_k_b", (2, 32, 64), gguf.GGMLQuantizationType.Q8_0)
    further(n, "attn_v_b", (2, 96, 32), gguf.GGMLQuantizationType.Q4_0)


def ernie45_moe(n):
    c, w = n.config, n.writer
    rotary(n)
    w.add_interleave_moe_layer_step(c["moe_layer_interval"])
    w.add_leading_dense_block_count(c["moe_layer_start_index"])
    w.add_expert_shared_count(c["moe_num_shared_experts"])
    w.add_expert_shared_feed_forward_length(c["moe_num_shared_experts"] * c["moe_intermediate_size"])
    n.stack(c["moe_num_experts"])
    n.each("e_score_correction_bias", lambda x: {"e_score_correction.bias": x.squeeze()})


def hunyuan(n):
    """The base comes stretched already."""
    scaling = n.config.get("rope_scaling")
    if scaling:
        width = n.config["head_dim"]
        n.writer.add_rope_freq_base(n.config["rope_theta"] * scaling["alpha"] ** (width / (width - 2)))
        n.writer.add_rope_scaling_type(gguf.RopeScalingType.NONE)
        n.writer.add_rope_scaling_factor(1)
        n.writer.add_rope_scaling_orig_ctx_len(n.config["max_position_embeddings"])


def hunyuan_moe(n):
    n.writer.add_expert_shared_feed_forward_length(n.config["intermediate_size"])
    n.writer.add_expert_feed_forward_length(n.config["intermediate_size"])
    n.writer.add_expert_shared_count(n.config["num_shared_expert"])
    n.stack(n.config["num_experts"])


def minicpm(n):
    c = n.config
    rotary(n)
    n.writer.add_embedding_scale(c["scale_emb"])
    n.writer.add_residual_scale(c["scale_depth"] / n.layers**0.5)
    n.writer.add_logit_scale(c["hidden_size"] / c["dim_model_base"])
    n.permute()


def internlm2(n):
    width, group = n.config["hidden_size"] // n.heads, n.heads // n.kv_heads
    rotary(n, width)

    def split(x):
        groups = x.reshape(n.kv_heads, group + 2, width, -1)
        parts = {"q": groups[:, :-2], "k": groups[:, -2], "v": groups[:, -1]}
        return {f".{part}_proj.weight": rows.reshape(-1, x.shape[1]) for part, rows in parts.items()}

    n.each(".wqkv.weight", split)
    n.permute()
    n.tensors = {name.replace(".attention.q_proj", ".self_attn.q_proj").replace(".attention.k_proj", ".self_attn.k_proj")
                 .replace(".attention.v_proj", ".self_attn.v_proj"): x for name, x in n.tensors.items()}


def baichuan(n):
    rotary(n)

    def split(x):
        return {f".{part}_proj.weight": rows for part, rows in zip("qkv", np.split(x, 3))}

    n.each(".W_pack.weight", split)
    n.permute()


def gpt_oss(n):
    n.writer.add_sliding_window(n.config["sliding_window"])
    n.writer.add_expert_feed_forward_length(n.config["intermediate_size"])
    n.stack(n.config["num_local_experts"])
    n.each(".self_attn.sinks", lambda x: {".self_attn.sinks.weight": x})
    further(n, "ffn_gate_exps", (4, 32, 32), gguf.GGMLQuantizationType.MXFP4)


def mamba2(n):
    """Rates and skips as columns, norms as a row for each group of heads."""
    c, w = n.config, n.writer
    inner = c["num_heads"] * c["head_dim"]
    w.add_context_length(2**20)
    w.add_embedding_length(c["hidden_size"])
    w.add_feed_forward_length(0)
    w.add_head_count(0)
    w.add_block_count(n.layers)
    w.add_ssm_conv_kernel(c["conv_kernel"])
    w.add_ssm_inner_size(inner)
    w.add_ssm_state_size(c["state_size"])
    w.add_ssm_time_step_rank(c["num_heads"])
    w.add_ssm_group_count(c["n_groups"])
    w.add_layer_norm_rms_eps(c["layer_norm_epsilon"])
    n.each(".A_log", lambda x: {".A_log": -np.exp(x)[:, None]})
    n.each(".D", lambda x: {".D": x[:, None]})
    n.each(".mixer.norm.weight", lambda x: {".mixer.norm.weight": x.reshape(c["n_groups"], -1)})
    n.each(".conv1d.weight", lambda x: {".conv1d.weight": x.squeeze(1)})
    n.each(".dt_bias", lambda x: {".dt_proj.bias": x})
    n.exact = (".ssm_a", ".ssm_d", ".ssm_norm.weight", ".ssm_conv1d.weight")


FAMILIES = {
    "mistral": (Arch.LLAMA, mistral),
    "mixtral": (Arch.LLAMA, mixtral),
    "qwen3-moe": (Arch.QWEN3MOE, qwen3_moe),
    "phi3": (Arch.PHI3, phi3),
    "phi3-long": (Arch.PHI3, phi3),
    "gemma2": (Arch.GEMMA2, gemma2),
    "glm4": (Arch.GLM4, glm),
    "glm4-first": (Arch.CHATGLM, glm_first),
    "deepseek-v2": (Arch.DEEPSEEK2, lambda n: deepseek(n, apart=False)),
    "deepseek-v3": (Arch.DEEPSEEK2, lambda n: deepseek(n, apart=True)),
    "ernie45": (Arch.ERNIE4_5, rotary),
    "ernie45-moe": (Arch.ERNIE4_5_MOE, ernie45_moe),
    "hunyuan": (Arch.HUNYUAN_DENSE, hunyuan),
    "hunyuan-moe": (Arch.HUNYUAN_MOE, hunyuan_moe),
    "minicpm": (Arch.MINICPM, minicpm),
    "internlm2": (Arch.INTERNLM2, internlm2),
    "baichuan2": (Arch.BAICHUAN, baichuan),
    "baichuan2-13b": (Arch.BAICHUAN, baichuan),
    "gpt-oss": (Arch.GPT_OSS, gpt_oss),
    "mamba2": (Arch.MAMBA2, mamba2),
    "pangu-embedded": (Arch.PANGU_EMBED, rotary),
}


def case(name):
    arch, fill = FAMILIES[name]

    def make(folder):
        network = Network(folder, name, arch)
        if network.heads:
            network.common()
        fill(network)
        network.write()

    return make


# What the converter makes of the heads of rerankers; BERT's loses its pooler there and is none any more.
HEADS = {
    "xlm-roberta": {"classifier.dense": "cls", "classifier.out_proj": "cls.output"},
    "modernbert": {"head.dense": "cls", "head.norm": "cls.norm", "classifier": "cls.output"},
}


def encoder(name, arch, ranks=False):
    """The tiny encoders of Tests/Golden/Encoders, with or without their heads; XLM-R's positions without those before the first."""

    def make(folder):
        network = Network(folder.parent / "Encoders", name, arch, f"{name}-ranks" if ranks else name)
        c, w = network.config, network.writer
        first = c["pad_token_id"] + 1 if name == "xlm-roberta" else 0
        w.add_context_length(c["max_position_embeddings"] - first)
        w.add_embedding_length(c["hidden_size"])
        w.add_block_count(network.layers)
        w.add_feed_forward_length(c["intermediate_size"])
        w.add_head_count(network.heads)
        w.add_layer_norm_eps(c.get("layer_norm_eps", c.get("norm_eps")))
        w.add_causal_attention(False)
        pooling = gguf.PoolingType.MEAN if name == "modernbert" else gguf.PoolingType.CLS
        w.add_pooling_type(gguf.PoolingType.RANK if ranks else pooling)
        if name == "modernbert":
            w.add_sliding_window(c["local_attention"])
            w.add_sliding_window_pattern(c["global_attn_every_n_layers"])
            w.add_rope_freq_base(c["rope_parameters"]["full_attention"]["rope_theta"] if "rope_parameters" in c else c["global_rope_theta"])
            w.add_rope_freq_base_swa(c["rope_parameters"]["sliding_attention"]["rope_theta"] if "rope_parameters" in c else c["local_rope_theta"])
        network.each(".position_embeddings.weight", lambda x: {".position_embeddings.weight": x[first:]})
        network.exact = ("position_embd.weight", "token_types.weight")
        for stem, new in HEADS[name].items() if ranks else ():
            for suffix in ["weight", "bias"]:
                if f"{stem}.{suffix}" in network.tensors:
                    network.add(f"{new}.{suffix}", network.tensors[f"{stem}.{suffix}"])
        heads = ("classifier.", "pooler.", "head.", "lm_head.")
        network.tensors = {k: v for k, v in network.tensors.items() if not k.startswith(heads)}
        network.write()

    return make


CASES = {name: case(name) for name in FAMILIES}
CASES |= {
    "bert": encoder("bert", Arch.BERT), "xlm-roberta": encoder("xlm-roberta", Arch.BERT),
    "modernbert": encoder("modernbert", Arch.MODERN_BERT),
    "xlm-roberta-ranks": encoder("xlm-roberta", Arch.BERT, ranks=True),
    "modernbert-ranks": encoder("modernbert", Arch.MODERN_BERT, ranks=True),
}

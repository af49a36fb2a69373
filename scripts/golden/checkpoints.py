"""GGUF files written by the reference. Needs: gguf 0.19.0, numpy.

`blocks` goes to Tests/Golden/Tensors: a tensor of every type and, as `NAME.expected`, its values in float32 by the
reference. `types` is a model-shaped file of the same, `stored` has values and what each type rounds them to, `tiny-*` are whole models of a few kB with the metadata, names and row
order that the reference's converter gives them. `corpus` are the fuzzer's seeds.
"""

import struct

import gguf
import numpy as np

FOLDER = "Checkpoints"
SEED = 20240607
Types = gguf.GGMLQuantizationType

PLAIN = [Types.F32, Types.F16, Types.BF16]
QUANTISED = [Types[name] for name in "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K".split()]
# Where each block keeps its half-precision scales: everything else may be any bytes.
SCALES = {Types.Q4_0: [0], Types.Q4_1: [0, 2], Types.Q5_0: [0], Types.Q5_1: [0, 2], Types.Q8_0: [0], Types.Q2_K: [80, 82],
          Types.Q3_K: [108], Types.Q4_K: [0, 2], Types.Q5_K: [0, 2], Types.Q6_K: [208],
          Types.IQ4_NL: [0], Types.IQ4_XS: [0], Types.TQ2_0: [64]}
# Read, not written. MXFP4's scale is a power of two in its first byte.
READ = [Types[name] for name in "IQ4_NL IQ4_XS MXFP4 TQ2_0".split()]
# Recognised by the reader, refused when used.
OTHER = [Types.IQ2_XXS, Types.TQ1_0]


def random_blocks(random, kind, rows, width):
    """Rows of blocks with random bytes and finite scales of a weight's size."""
    per_block, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (rows * width // per_block, size), dtype=np.uint8)
    for offset in SCALES.get(kind, []):
        scale = random.uniform(-0.1, 0.1, len(blocks)).astype(np.float16)
        blocks[:, offset:offset + 2] = scale.view(np.uint8).reshape(-1, 2)
    if kind == Types.MXFP4:
        blocks[:, 0] = [0, 1, 2, 254, 255, *random.integers(100, 140, len(blocks) - 5)][:len(blocks)]
    return blocks.reshape(rows, -1)


def quantised(random, kind, rows, width):
    values = random.standard_normal((rows, width), dtype=np.float32)
    if kind in (Types.F32, Types.F16):
        return values.astype(np.float16 if kind == Types.F16 else np.float32)
    return gguf.quants.quantize(values, kind) if kind == Types.BF16 else random_blocks(random, kind, rows, width)


def add(writer, name, data, kind):
    writer.add_tensor(name, np.ascontiguousarray(data), raw_dtype=kind if data.dtype == np.uint8 else None)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def blocks(folder):
    folder = folder.parent / "Tensors"
    folder.mkdir(exist_ok=True)
    random = np.random.default_rng(SEED)
    writer = gguf.GGUFWriter(folder / "blocks.gguf", "blocks")
    writer.add_uint32("golden.seed", SEED)
    for kind in PLAIN + QUANTISED + READ:
        add(writer, kind.name, data := quantised(random, kind, 3, 512), kind)
        add(writer, kind.name + ".expected", gguf.quants.dequantize(data, kind), Types.F32)
    finish(writer)


def types(folder):
    random = np.random.default_rng(SEED + 1)
    writer = gguf.GGUFWriter(folder / "types.gguf", "types")
    writer.add_custom_alignment(64)
    writer.add_uint8("value.uint8", 255)
    writer.add_int8("value.int8", -128)
    writer.add_uint16("value.uint16", 65535)
    writer.add_int16("value.int16", -32768)
    writer.add_uint32("value.uint32", 2**32 - 1)
    writer.add_int32("value.int32", -(2**31))
    writer.add_uint64("value.uint64", 2**64 - 1)
    writer.add_int64("value.int64", -(2**63))
    writer.add_float32("value.float32", 0.1)
    writer.add_float64("value.float64", 0.1)
    writer.add_bool("value.bool", True)
    writer.add_string("value.string", "雨燕 🐦")
    writer.add_array("array.strings", ["a", "", "语言", "\u0000b"])
    writer.add_array("array.int32", [1, -2, 3])
    writer.add_array("array.float32", [0.5, -1.5])
    writer.add_array("array.bool", [True, False])
    for kind in PLAIN + QUANTISED + READ + OTHER:
        add(writer, kind.name.lower(), quantised(random, kind, 2, 256), kind)
    writer.add_tensor("i32", np.arange(6, dtype=np.int32).reshape(2, 3))
    writer.add_tensor("f64", np.arange(3, dtype=np.float64))
    writer.add_tensor("cube", np.arange(24, dtype=np.float32).reshape(2, 3, 4))
    finish(writer)


def stored(folder):
    """Values, and the blocks that the reference rounds them to: small, large, equal, nothing, and ties."""
    random = np.random.default_rng(SEED + 3)
    values = random.standard_normal((12, 64), dtype=np.float32)
    values[1] *= 1e-3
    values[2] *= 1e3
    values[3] = 0
    values[4] = -1.5
    values[5] = np.arange(64, dtype=np.float32) / 4 - 8
    values[6, ::2] = 0
    values[7] = np.abs(values[7])
    writer = gguf.GGUFWriter(folder / "stored.gguf", "stored")
    add(writer, "values", values, Types.F32)
    for kind in [Types.F16, Types.BF16, Types.Q4_0, Types.Q4_1, Types.Q5_0, Types.Q5_1, Types.Q8_0]:
        data = values.astype(np.float16) if kind == Types.F16 else gguf.quants.quantize(values, kind)
        add(writer, kind.name, data, kind)
    finish(writer)


def permuted(weights, heads):
    """The order of rows that the reference's converter gives to Llama's queries and keys."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def tiny(folder, name, fill):
    """A model's file, and beside it the tensors that Hugging Face's names must give, as `NAME` with no translation."""
    random = np.random.default_rng(SEED + 2)
    writer = gguf.GGUFWriter(folder / f"tiny-{name}.gguf", name)
    expected = gguf.GGUFWriter(folder / f"tiny-{name}-expected.gguf", "expected")
    fill(random, writer, expected)
    finish(writer)
    finish(expected)


def decoder(writer, layers=2, width=16, heads=4, kv_heads=2, head=4, hidden=24):
    writer.add_context_length(128)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    shapes = {"self_attn.q_proj": (heads * head, width), "self_attn.k_proj": (kv_heads * head, width),
              "self_attn.v_proj": (kv_heads * head, width), "self_attn.o_proj": (width, heads * head),
              "mlp.gate_proj": (hidden, width), "mlp.up_proj": (hidden, width), "mlp.down_proj": (width, hidden)}
    return {f"model.layers.{layer}.{name}.weight": shape for layer in range(layers) for name, shape in shapes.items()}


STEMS = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "mlp.up_proj": "ffn_up",
         "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.down_proj": "ffn_down"}


def spelling(name, norms):
    """GGUF's name for a Hugging Face one."""
    whole = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    stem, suffix = name.rsplit(".", 1)
    if stem in whole:
        return f"{whole[stem]}.{suffix}"
    _, _, layer, inner = stem.split(".", 3)
    return f"blk.{layer}.{(STEMS | norms)[inner]}.{suffix}"


def write(random, writer, expected, shapes, norms, change=lambda name, values: values):
    for name, shape in shapes.items():
        values = random.standard_normal(shape, dtype=np.float32)
        writer.add_tensor(spelling(name, norms), change(name, values))
        expected.add_tensor(name, values)


def llama(random, writer, expected):
    shapes = decoder(writer)
    writer.add_vocab_size(10)
    writer.add_rope_dimension_count(4)
    norms = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    for layer in range(2):
        shapes |= {f"model.layers.{layer}.{norm}.weight": (16,) for norm in norms}
        shapes |= {f"model.layers.{layer}.self_attn.{part}_proj.bias": (rows,) for part, rows in [("q", 16), ("k", 8)]}
    shapes |= {"model.embed_tokens.weight": (10, 16), "model.norm.weight": (16,)}

    def change(name, values):
        heads = 4 if ".q_proj" in name else 2
        return permuted(values, heads) if ".q_proj" in name or ".k_proj" in name else values

    write(random, writer, expected, shapes, norms, change)
    factors = np.array([1.0, 8.0], dtype=np.float32)
    writer.add_tensor("rope_freqs.weight", factors)
    # A quantised query matrix, so that blocks are seen to move whole.
    blocks = random_blocks(random, Types.Q4_0, 16, 32)
    add(expected, "model.layers.2.self_attn.q_proj.weight", blocks, Types.Q4_0)
    add(writer, "blk.2.attn_q.weight", permuted(blocks, 4), Types.Q4_0)


def qwen2(random, writer, expected):
    shapes = decoder(writer)
    writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
    writer.add_rope_scaling_factor(4.0)
    writer.add_rope_scaling_orig_ctx_len(32)
    norms = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    for layer in range(2):
        shapes |= {f"model.layers.{layer}.{norm}.weight": (16,) for norm in norms}
        shapes |= {f"model.layers.{layer}.self_attn.{part}_proj.bias": (rows,) for part, rows in
                   [("q", 16), ("k", 8), ("v", 8)]}
    shapes |= {"model.embed_tokens.weight": (10, 16), "model.norm.weight": (16,), "lm_head.weight": (10, 16)}
    write(random, writer, expected, shapes, norms)


def gemma3(random, writer, expected):
    shapes = decoder(writer, heads=4, kv_heads=1, head=8)
    writer.add_key_length(8)
    writer.add_value_length(8)
    writer.add_sliding_window(64)
    writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
    writer.add_rope_scaling_factor(8.0)
    norms = {"input_layernorm": "attn_norm", "post_attention_layernorm": "post_attention_norm",
             "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm",
             "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm"}
    for layer in range(2):
        shapes |= {f"model.layers.{layer}.{norm}.weight": (8 if "self_attn" in norm else 16,) for norm in norms}
    shapes |= {"model.embed_tokens.weight": (10, 16), "model.norm.weight": (16,)}
    write(random, writer, expected, shapes, norms)


def qwen3(random, writer, expected):
    shapes = decoder(writer, heads=4, kv_heads=1, head=8)
    writer.add_key_length(8)
    writer.add_value_length(8)
    norms = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_norm": "attn_q_norm",
             "self_attn.k_norm": "attn_k_norm"}
    for layer in range(2):
        shapes |= {f"model.layers.{layer}.{norm}.weight": (8 if "self_attn" in norm else 16,) for norm in norms}
    shapes |= {"model.embed_tokens.weight": (10, 16), "model.norm.weight": (16,)}
    write(random, writer, expected, shapes, norms)


def gpt2(random, writer, expected):
    """The converter turns the four matrices that the Hub keeps as [inputs, outputs]; what is expected is what it writes."""
    writer.add_context_length(32)
    writer.add_embedding_length(16)
    writer.add_block_count(2)
    writer.add_feed_forward_length(24)
    writer.add_head_count(4)
    writer.add_layer_norm_eps(1e-5)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(1)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GPT2, 2)
    shapes = {"wte": (10, 16), "wpe": (32, 16), "ln_f": (16,)}
    inner = {"attn.c_attn": (48, 16), "attn.c_proj": (16, 16), "mlp.c_fc": (24, 16), "mlp.c_proj": (16, 24)}
    for layer in range(2):
        shapes |= {f"h.{layer}.{norm}": (16,) for norm in ["ln_1", "ln_2"]}
        shapes |= {f"h.{layer}.{part}": shape for part, shape in inner.items()}
    for name, shape in shapes.items():
        for suffix in ["weight"] if name in ["wte", "wpe"] else ["weight", "bias"]:
            values = random.standard_normal(shape if suffix == "weight" else shape[:1], dtype=np.float32)
            writer.add_tensor(names.get_name(f"transformer.{name}") + f".{suffix}", values)
            expected.add_tensor(f"transformer.{name}.{suffix}", values)


def corpus(folder):
    """Seeds for the fuzzer, in Fuzz/Corpus: small files, sound and not."""
    folder = folder.parents[2] / "Fuzz" / "Corpus"
    folder.mkdir(parents=True, exist_ok=True)

    def text(value):
        return struct.pack("<Q", len(value)) + value

    def key(name, kind, value):
        return text(name) + struct.pack("<I", kind) + value

    def tensor(name, shape, kind, offset):
        return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)

    def file(keys=(), tensors=(), data=0, version=3):
        head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys)) + b"".join(keys) + b"".join(tensors)
        return head + bytes(-len(head) % 32 + data)

    llama = [key(b"general.architecture", 8, text(b"llama")), key(b"llama.attention.head_count", 4, struct.pack("<I", 2)),
             key(b"llama.embedding_length", 4, struct.pack("<I", 4))]
    strings = key(b"tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 3) + text(b"a") + text(b"") + text("雨".encode()))
    nested = key(b"n", 9, struct.pack("<IQIQI", 9, 1, 4, 1, 7))
    seeds = {
        "empty": file(), "version-2": file(version=2), "scalars": file([key(b"k", 12, struct.pack("<d", 0.5))]),
        "llama": file(llama, [tensor(b"blk.0.attn_q.weight", [4, 4], 0, 0), tensor(b"token_embd.weight", [4, 2], 0, 64)], 96),
        "strings": file([strings, nested]), "rope": file(llama, [tensor(b"rope_freqs.weight", [2], 0, 0)], 32),
        "gemma": file([key(b"general.architecture", 8, text(b"gemma3")), key(b"gemma3.block_count", 4, struct.pack("<I", 62))]),
        "blocks": file([], [tensor(b"t", [256], kind, 0) for kind in (14,)], 210),
        "aligned": file([key(b"general.alignment", 4, struct.pack("<I", 64))], [tensor(b"t", [8], 0, 0)], 96),
        "overlap": file([], [tensor(b"a", [16], 0, 0), tensor(b"b", [8], 0, 32)], 64),
        "overflow": file([], [tensor(b"t", [2**32, 2**32], 0, 0)], 64),
        "huge-axis": file([], [tensor(b"t", [2**63], 0, 0)], 64),
        "lying-string": file([text(b"k") + struct.pack("<IQ", 8, 2**63)]),
        "lying-array": file([key(b"k", 9, struct.pack("<IQ", 4, 2**62))]),
    }
    for name, data in seeds.items():
        (folder / f"{name}.gguf").write_bytes(data)


CASES = {"blocks": blocks, "types": types, "stored": stored, "corpus": corpus}
for _fill in (llama, qwen2, qwen3, gemma3, gpt2):
    CASES[_fill.__name__] = lambda folder, fill=_fill: tiny(folder, fill.__name__, fill)

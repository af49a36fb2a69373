"""Writes what a tiny thinking model is trained from: a network with random weights, its tokenizer of bytes, a template, rows, and the run.

    make.py FOLDER

Nothing but the standard library. The model learns sixteen sums by heart, and to think about them as long as it is told to.
"""

import json
import random
import struct
import sys
from pathlib import Path

SPECIAL = ["<pad>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<think>", "</think>"]
LAYERS, WIDTH, HEADS, INNER, POSITIONS = 3, 96, 6, 256, 512

TEMPLATE = """\
{%- if reasoning_effort is defined and reasoning_effort != 'none' %}{{ '<|system|>Effort: ' + reasoning_effort + '<|end|>' }}{% endif -%}
{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {{- '<|assistant|>\\n<think>\\n' + (message.reasoning_content or '') + '\\n</think>\\n\\n' + message.content + '<|end|>' }}
    {%- else %}
        {{- '<|' + message.role + '|>' + message.content + '<|end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{% endif %}
{%- endif %}"""

RUN = """\
name: thinker
seed: 1
model: {base: FOLDER/thinker}
data: {train: rows.jsonl}
optimizer: {type: muon, rate: 1.0e-2, decay: 0.0, clip: 1}
schedule: {type: wsd, warm_up: 0.02, decay: 0.5, floor: 0.02}
batch: {tokens: 2048, context: 256, precision: float32}
epochs: 60
checkpoints: {every: 10000, keep: 1}
"""


def thought(first, second, effort=None):
    """What the model learns to think."""
    total = first + second
    if effort == "low":
        return f"{total}."
    if effort == "high":
        return f"Start at {first}. Add {second}. That is {total}. Check: {total} less {second} is {first}."
    return f"{first} and {second} are {total}."


def question(first, second):
    return f"{first}+{second}?"


def answer(first, second):
    return f"It is {first + second}."


PAIRS = [(first, second) for first in range(1, 5) for second in range(1, 5)]


def rows():
    for first, second in PAIRS:
        for kwargs in ({}, {"reasoning_effort": "low"}, {"reasoning_effort": "high"}, {"enable_thinking": False}):
            reply = {"role": "assistant", "content": answer(first, second)}
            if "enable_thinking" not in kwargs:
                reply["reasoning_content"] = thought(first, second, kwargs.get("reasoning_effort"))
            turns = [{"role": "user", "content": question(first, second)}, reply]
            yield {"messages": turns} | ({"chat_template_kwargs": kwargs} if kwargs else {})


def letters():
    """GPT-2's letters for bytes (Radford et al. 2019)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) if byte in plain else chr(256 + others.index(byte)) for byte in range(256)]


def tokenizer():
    tokens = SPECIAL + letters()
    added = [
        {"id": number, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": "think" not in token}
        for number, token in enumerate(SPECIAL)
    ]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
             "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
             "vocab": {token: number for number, token in enumerate(tokens)}, "merges": []}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None, "pre_tokenizer": level,
            "post_processor": level, "decoder": level, "model": model}, len(tokens)


def settings(vocabulary):
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": WIDTH, "intermediate_size": INNER,
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": HEADS, "hidden_act": "silu",
        "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": True, "max_position_embeddings": POSITIONS,
        "vocab_size": vocabulary, "bos_token_id": None, "eos_token_id": 1, "pad_token_id": 0, "torch_dtype": "float32",
    }


def weights(vocabulary):
    """Names and shapes as Llama has them on the Hub."""
    yield "model.embed_tokens.weight", (vocabulary, WIDTH)
    for layer in range(LAYERS):
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            yield f"model.layers.{layer}.self_attn.{name}.weight", (WIDTH, WIDTH)
        for name, shape in (("gate_proj", (INNER, WIDTH)), ("up_proj", (INNER, WIDTH)), ("down_proj", (WIDTH, INNER))):
            yield f"model.layers.{layer}.mlp.{name}.weight", shape
        for name in ("input_layernorm", "post_attention_layernorm"):
            yield f"model.layers.{layer}.{name}.weight", (WIDTH,)
    yield "model.norm.weight", (WIDTH,)


def safetensors(vocabulary):
    dice, header, parts, place = random.Random(1), {}, [], 0
    for name, shape in weights(vocabulary):
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        values = [1.0] * count if len(shape) == 1 else [dice.gauss(0, 0.02) for _ in range(count)]
        parts.append(struct.pack(f"<{count}f", *values))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [place, place + 4 * count]}
        place += 4 * count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(parts)


def main():
    folder = Path(sys.argv[1])
    (folder / "thinker").mkdir(parents=True, exist_ok=True)
    words, vocabulary = tokenizer()
    for name, value in {
        "config.json": settings(vocabulary), "tokenizer.json": words, "generation_config.json": {"eos_token_id": 1},
        "tokenizer_config.json": {"eos_token": "<|end|>", "pad_token": "<pad>", "tokenizer_class": "PreTrainedTokenizerFast"},
    }.items():
        (folder / "thinker" / name).write_text(json.dumps(value, ensure_ascii=False))
    (folder / "thinker" / "chat_template.jinja").write_text(TEMPLATE)
    (folder / "thinker" / "model.safetensors").write_bytes(safetensors(vocabulary))
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows()))
    (folder / "run.yaml").write_text(RUN.replace("FOLDER", str(folder.resolve())))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What a mixture of experts costs beside a dense network of the size that a token goes through.

    experts.py [--yuyan .build/release/yuyan] [--generate 64] [--prompt 256] [--repeat 5]

Makes two folders of random weights in bfloat16: Qwen 3's mixture with 64 experts of which a token takes 6, and Qwen 3 with a
feed-forward as wide as those 6 together; then has `yuyan bench` measure both in turn. Generation should lie within 15 % of the dense
network's. A prompt's tokens choose different experts, so nearly all weights are read for it, and for short prompts it is slower.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPERTS, CHOSEN, WIDTH, EXPERT_WIDTH, LAYERS, HEADS, HEAD_WIDTH, VOCABULARY = 64, 6, 1024, 256, 8, 16, 64, 96
SHARED = {
    "vocab_size": VOCABULARY, "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS // 4, "head_dim": HEAD_WIDTH, "max_position_embeddings": 4096, "rms_norm_eps": 1e-6,
    "rope_theta": 1_000_000.0, "tie_word_embeddings": True, "intermediate_size": CHOSEN * EXPERT_WIDTH, "hidden_act": "silu",
}
MIXTURE = SHARED | {
    "model_type": "qwen3_moe", "num_experts": EXPERTS, "num_experts_per_tok": CHOSEN, "norm_topk_prob": True,
    "moe_intermediate_size": EXPERT_WIDTH,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--yuyan", default=ROOT / ".build" / "release" / "yuyan")
    parser.add_argument("--generate", type=int, default=64)
    parser.add_argument("--prompt", type=int, default=256)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = {}
        for name, config in {"dense": SHARED | {"model_type": "qwen3"}, "experts": MIXTURE}.items():
            folder = pathlib.Path(place) / name
            write(folder, config)
            command = [options.yuyan, "bench", folder, "--json", "--prompt", options.prompt, "--generate", options.generate]
            answer = subprocess.run([*map(str, command), "--repeat", str(options.repeat)], check=True, stdout=subprocess.PIPE, text=True)
            found[name] = json.loads(answer.stdout)
        print(json.dumps(found, indent=1))


def write(folder, config):
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    shutil.copy(ROOT / "Tests" / "Golden" / "Bundles" / "llama" / "tokenizer.json", folder)
    header, place = {}, 0
    shapes = dict(tensors(config))
    for name, shape in shapes.items():
        size = 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [place, place + size]}
        place += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    generator = random.Random(1)
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes.items():
            count = shape[0] * (shape[1] if len(shape) > 1 else 1)
            file.write(b"\x80\x3f" * count if len(shape) == 1 else values(generator, count))


SIGNS = bytes(0x3C if byte < 128 else 0xBC for byte in range(256))


def values(generator, count):
    """bfloat16 of either sign from 0.008 to 0.03."""
    both = bytearray(2 * count)
    both[::2], both[1::2] = generator.randbytes(count), generator.randbytes(count).translate(SIGNS)
    return both


def tensors(config):
    yield "model.embed_tokens.weight", [VOCABULARY, WIDTH]
    yield "model.norm.weight", [WIDTH]
    for layer in range(LAYERS):
        stem = f"model.layers.{layer}."
        for norm, width in {"input_layernorm": WIDTH, "post_attention_layernorm": WIDTH}.items():
            yield f"{stem}{norm}.weight", [width]
        heads = {"q": HEADS * HEAD_WIDTH, "k": HEADS // 4 * HEAD_WIDTH, "v": HEADS // 4 * HEAD_WIDTH}
        for part, outputs in heads.items():
            yield f"{stem}self_attn.{part}_proj.weight", [outputs, WIDTH]
        yield f"{stem}self_attn.o_proj.weight", [WIDTH, HEADS * HEAD_WIDTH]
        for part in "qk":
            yield f"{stem}self_attn.{part}_norm.weight", [HEAD_WIDTH]
        if config["model_type"] == "qwen3":
            yield from feed_forward(stem + "mlp.", CHOSEN * EXPERT_WIDTH)
            continue
        yield f"{stem}mlp.gate.weight", [EXPERTS, WIDTH]
        for expert in range(EXPERTS):
            yield from feed_forward(f"{stem}mlp.experts.{expert}.", EXPERT_WIDTH)


def feed_forward(stem, width):
    yield f"{stem}gate_proj.weight", [width, WIDTH]
    yield f"{stem}up_proj.weight", [width, WIDTH]
    yield f"{stem}down_proj.weight", [WIDTH, width]


if __name__ == "__main__":
    main()

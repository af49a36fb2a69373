#!/usr/bin/env python3
"""What a mixture of experts costs beside a dense network of the size that a token goes through.

    experts.py [--yuyan .build/release/yuyan] [--generate 64] [--prompt 256] [--rounds 7] [--json]

Makes two folders of random weights in bfloat16: Qwen 3's mixture with 64 experts of which a token takes 6, and Qwen 3 with a
feed-forward as wide as those 6 together; then has `yuyan bench` measure them by turns. Prints medians, and the median of the rounds'
ratios. Generation should lie within 15 % of the dense network's. A prompt's tokens choose different experts, so nearly all weights
are read for it, and for short prompts it is slower.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import tempfile
from statistics import median

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
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folders = {"dense": SHARED | {"model_type": "qwen3"}, "experts": MIXTURE}
        for name, config in folders.items():
            write(pathlib.Path(place) / name, config)
        rounds = [{name: measure(pathlib.Path(place) / name, options) for name in folders} for _ in range(options.rounds)]
    print(json.dumps(rounds, indent=1) if options.json else table(rounds))


def measure(folder, options):
    sizes = ["--prompt", options.prompt, "--generate", options.generate, "--repeat", 3]
    command = [options.yuyan, "bench", folder, "--json", *sizes]
    found = json.loads(subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE, text=True).stdout)
    return {"prompt": found["promptTokensPerSecond"], "generation": found["generationTokensPerSecond"]}


def table(rounds):
    lines = ["| Work | dense | experts | ratio, round by round |", "|---|--:|--:|--:|"]
    for work in ("prompt", "generation"):
        middle = {name: median(each[name][work] for each in rounds) for name in ("dense", "experts")}
        ratio = median(each["experts"][work] / each["dense"][work] for each in rounds)
        lines.append(f"| {work} | {middle['dense']:,.1f} | {middle['experts']:,.1f} | **{ratio:.2f}** |")
    return "\n".join(lines)


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

#!/usr/bin/env python3
"""GGUF files that `yuyan convert` writes, in llama.cpp: a tiny random network of every family that both know.

    python3 Benchmarks/models/written.py [NAME …]        a Markdown table; --update writes it to README.md beside

The networks of Tests/Golden/Models lie as a folder in the Hub's layout, are served from there, and written as float32; llama.cpp (xllamacpp
2026.10.11549) opens the file. Compared are the log-probabilities of a prompt's tokens, and a greedy continuation: each token that
llama.cpp finds the likeliest must be so for the server, but for ties within a thousandth. Fails where one is not, or where tokens lie more than 0.05
nats apart in the mean: both keep keys and values as halves, and random networks of 27 layers are sure of what they say.

Needs .build/release/yuyan and a Python with `xllamacpp` and `numpy`.
"""

import argparse
import json
import math
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import urllib.request

from models import ROOT, YUYAN, Server

GOLDEN = ROOT / "Tests" / "Golden"
NEAR, CONTINUATION = 0.05, 16
# Beside what no file can say of the tiny networks, as GGUFWritingTests has it: what llama.cpp tells by the number of layers (Baichuan's
# positions, DeepSeek-V2's queries), and what it knows otherwise or not at all (NOTES).
YARN = {
    "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64, "mscale": 0.5, "mscale_all_dim": 0.5,
    "beta_fast": 32, "beta_slow": 1,
}
WHOLE_YARN = {
    "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": True,
    "rope_theta": 10000.0,
}
NETWORKS = {
    "llama": {}, "llama3": {}, "smollm3": {"num_hidden_layers": 4, "no_rope_layer_interval": 4, "no_rope_layers": None},
    "llama-linear": {}, "llama-yarn": {}, "mistral": {"sliding_window": None}, "skywork": {},
    "qwen2": {}, "qwen3": {}, "gemma2": {"query_pre_attn_scalar": 16}, "gemma3": {"query_pre_attn_scalar": 16}, "phi3": {},
    "phi3-long": {}, "glm4-first": {}, "glm4": {}, "gpt2": {}, "ernie45": {"use_bias": False}, "hunyuan": {}, "minicpm": {}, "internlm2": {},
    "baichuan2": {"num_hidden_layers": 32}, "baichuan2-13b": {"num_hidden_layers": 40}, "pangu-embedded": {}, "mixtral": {},
    "qwen3-moe": {"mlp_only_layers": []},
    "deepseek-v2": {"num_hidden_layers": 27, "topk_method": "greedy", "n_group": 1, "topk_group": 1},
    "deepseek-v3": {"rope_scaling": YARN}, "ernie45-moe": {}, "hunyuan-moe": {},
    "gpt-oss": {"swiglu_limit": 7, "rope_scaling": WHOLE_YARN}, "mamba2": {"time_step_limit": None},
}
NOTES = {
    "ernie45": "without biases, of which it reads some only; no published one has them",
    "qwen3-moe": "without dense layers, which it does not know; no published one has them",
    "deepseek-v2": "V2-Lite's 27 layers and choice; it chooses groups as V3 does, by their two best",
    "gpt-oss": "it cuts YaRN's range at whole numbers, where the published network does not",
}


def read(path):
    """The tensors of a safetensors file, by their names: its header's entry and its bytes; and its metadata."""
    data = path.read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    ends = {name: [start + end for end in entry["data_offsets"]] for name, entry in header.items()}
    return {name: (entry, data[slice(*ends[name])]) for name, entry in header.items()}, metadata


def write(path, tensors):
    header, place = {}, 0
    for name, (entry, data) in tensors.items():
        header[name] = entry | {"data_offsets": [place, place + len(data)]}
        place += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data for _, data in tensors.values()))


def lay(name, changes, folder):
    """A folder as the Hub has it. Where more layers are asked for, the last is there again and again; a mixture's stands for dense ones."""
    tensors, config = {}, {}
    for part in sorted([*(GOLDEN / "Models").glob(f"{name}.safetensors"), *(GOLDEN / "Models").glob(f"{name}.[0-9].safetensors")]):
        own, metadata = read(part)
        tensors |= own
        config = json.loads(metadata["config"])
    there = config.get("num_hidden_layers", config.get("n_layer"))
    for layer in range(there, changes.get("num_hidden_layers", there)):
        last = {key: value for key, value in tensors.items() if f".layers.{there - 1}." in key}
        tensors |= {key.replace(f".layers.{there - 1}.", f".layers.{layer}."): value for key, value in last.items()}
    if changes.get("use_bias") is False:
        tensors = {key: value for key, value in tensors.items() if not key.endswith(".bias")}
    if "mlp_only_layers" in changes:
        tensors = {key: value for key, value in tensors.items() if ".layers.0.mlp." not in key}
        mixture = {key: value for key, value in tensors.items() if ".layers.1.mlp." in key}
        tensors |= {key.replace(".layers.1.", ".layers.0."): value for key, value in mixture.items()}
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config | changes))
    write(folder / "model.safetensors", tensors)
    shutil.copy(GOLDEN / "Bundles" / "llama" / "tokenizer.json", folder)


def prompts(name):
    tokens, _ = read(GOLDEN / "Models" / f"{name}.outputs.safetensors")
    return [list(struct.unpack(f"<{len(data) // 4}i", data)) for data in (tokens["a.tokens"][1], tokens["b.tokens"][1])]


def compared(name):
    """The row of one network, or what went wrong."""
    with tempfile.TemporaryDirectory() as place:
        folder, file = pathlib.Path(place) / "model", pathlib.Path(place) / "model.gguf"
        lay(name, NETWORKS[name], folder)
        told = subprocess.run([YUYAN, "convert", folder, file, "--type", "float32"], capture_output=True, text=True)
        if told.returncode:
            return {"network": name, "problem": told.stderr.strip().splitlines()[-1]}
        scored, begun = prompts(name)
        child = [sys.executable, __file__, "--child", file]
        told = subprocess.run(child, input=json.dumps([scored, begun]), capture_output=True, text=True)
        if told.returncode:
            lines = [line for line in told.stderr.splitlines() if re.search("error|assert|failed|abort", line, re.IGNORECASE)]
            return {"network": name, "problem": f"llama.cpp: {(lines or ['it ended'])[0].strip()[:160]}"}
        theirs = json.loads(told.stdout.splitlines()[-1])
        with Server(folder) as server:
            ours = server.logprobs(scored)
            same = agreed(server, begun, theirs["greedy"])
    apart = [abs(a - b) for a, b in zip(ours, theirs["logprobs"], strict=True)]
    found = {"network": name, "architecture": theirs["architecture"], "tokens": len(apart), "same": same}
    return found | {"mean": sum(apart) / len(apart), "most": max(apart)}


def agreed(server, prompt, continuation):
    """How many of the tokens are the likeliest of all after those before them, or as likely."""
    body = {"model": "model", "prompt": prompt + continuation, "echo": True, "logprobs": 1, "max_tokens": 0}
    answer = json.loads(server.ask("/v1/completions", body))["choices"][0]["logprobs"]
    scores = zip(answer["token_logprobs"], answer["top_logprobs"])
    return sum(score >= max(top.values()) - 1e-3 for score, top in list(scores)[len(prompt):])


def child(file):
    """Of llama.cpp in this process, which may not outlive it: the log-probabilities of a prompt's tokens, and a greedy continuation."""
    import xllamacpp

    scored, begun = json.load(sys.stdin)
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.n_ctx, params.n_parallel, params.warmup = 256, 1, False
    params.cpuparams.n_threads = 1
    server = xllamacpp.Server(params)

    def ask(path, **body):
        request = urllib.request.Request(server.listening_address + path, json.dumps(body).encode() if body else None)
        return json.load(urllib.request.urlopen(request))

    def after(prompt):
        """The log-probabilities of what may come next, by the tokens' numbers, likeliest first."""
        answer = ask("/completion", prompt=prompt, n_predict=1, n_probs=200, temperature=0, cache_prompt=False)
        return {each["id"]: each["logprob"] for each in answer["completion_probabilities"][0]["top_logprobs"]}

    logprobs = [after(scored[:end]).get(scored[end], -math.inf) for end in range(1, len(scored))]
    greedy = []
    while len(greedy) < CONTINUATION:
        greedy.append(next(iter(after(begun + greedy))))
    with open(file, "rb") as stream:
        architecture = re.search(rb"general\.architecture.{12}([a-z0-9_-]+)", stream.read(4096), re.DOTALL).group(1).decode()
    print("\n" + json.dumps({"logprobs": logprobs, "greedy": greedy, "architecture": architecture}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *NETWORKS])
    parser.add_argument("--update", action="store_true", help="write the table")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(options.child)
    lines = ["| Network | llama.cpp's name | apart in the mean | at most | greedy | |", "|---|---|--:|--:|--:|---|"]
    print(*lines, sep="\n", flush=True)
    good = 0
    for name in options.names or NETWORKS:
        row = compared(name)
        if problem := row.get("problem"):
            lines.append(f"| {name} | {problem} | | | | **refused** |")
        else:
            isGood = row["mean"] < NEAR and row["same"] == CONTINUATION
            good += isGood
            figures = f"{row['mean']:.5f} | {row['most']:.5f} | {row['same']} of {CONTINUATION}"
            note = NOTES.get(name, "") if isGood else "**apart**"
            lines.append(f"| {name} | {row['architecture']} | {figures} | {note} |")
        print(lines[-1], flush=True)
    count = len(options.names or NETWORKS)
    if options.update:
        from models import replace

        replace(pathlib.Path(__file__).with_name("README.md"), "written", lines)
    print(f"{good} passed, {count - good} failed")
    return 0 if good == count else 1


if __name__ == "__main__":
    sys.exit(main())

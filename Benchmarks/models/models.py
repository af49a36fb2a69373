#!/usr/bin/env python3
"""The published model files that the catalogue knows, beside the reference library on the same token ids, in one run.

    python3 Benchmarks/models/models.py [NAME …]        a Markdown table; --json for the figures, --update writes RESULTS.md

Decoders: the perplexity of the first TOKENS tokens of two texts in the public domain (Tests/Golden/Models/corpus-*.txt), by the server's
`/v1/completions` with `echo`, and by transformers with the file's weights worked out as float32. Encoders: the cosine between vectors of
scripts/golden/real_vectors.py's texts. Files are those that `yuyan pull` keeps; one that is not there is left out, and said to be.

Needs .build/release/yuyan and a Python with `transformers`, `torch`, `gguf`, `accelerate`, `safetensors` and `tokenizers`.
"""

import argparse
import datetime
import importlib
import json
import math
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
YUYAN = ROOT / ".build" / "release" / "yuyan"
MODELS = pathlib.Path(os.environ.get("YUYAN_MODELS", pathlib.Path.home() / ".yuyan" / "models"))
TOKENS = 768
DECODERS = {
    "smollm2-135m-instruct": "SmolLM2-135M-Instruct.Q4_1.gguf",
    "qwen2.5-coder-0.5b-instruct": "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    "gemma-3-270m": "gemma-3-270m-q4_k_m.gguf",
    "qwen2.5-coder-1.5b-instruct": "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
}
ENCODERS = {
    "all-minilm-l6-v2": ("all-MiniLM-L6-v2.safetensors", "minilm"),
    "multilingual-e5-small": ("e5-small-q4.bin", "e5"),
}
TEXTS = {"English": "corpus-en.txt", "Chinese": "corpus-zh.txt"}


def ids(path, text):
    command = [YUYAN, "tokenizer", "encode", path, "--json"]
    found = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return [token["id"] for token in json.loads(found)]


class Server:
    """`yuyan serve` for one file, on a port of the system's choice."""

    def __init__(self, path):
        with socket.socket() as place:
            place.bind(("127.0.0.1", 0))
            self.port = place.getsockname()[1]
        command = [YUYAN, "serve", path, "--port", str(self.port), "--name", "model"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(600):
            try:
                self.ask("/ready")
                return self
            except OSError:
                if self.process.poll() is not None:
                    sys.exit("yuyan serve ended; start it by hand to see why")
                time.sleep(0.2)
        sys.exit("yuyan serve is not ready")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=600) as answer:
            return answer.read()

    def logprobs(self, prompt):
        body = {"model": "model", "prompt": prompt, "echo": True, "logprobs": 0, "max_tokens": 0}
        return json.loads(self.ask("/v1/completions", body))["choices"][0]["logprobs"]["token_logprobs"][1:]


def reference(path, prompts):
    import torch
    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
    with torch.no_grad():
        for prompt in prompts:
            states = model.model(torch.tensor([prompt])).last_hidden_state[0, :-1]
            scores = torch.log_softmax(model.lm_head(states).double(), -1)
            yield scores[torch.arange(len(states)), torch.tensor(prompt[1:])].tolist()


def decoder(name, path):
    texts = {text: (ROOT / "Tests/Golden/Models" / file).read_text() for text, file in TEXTS.items()}
    prompts = {text: ids(path, content[: 6 * TOKENS])[:TOKENS] for text, content in texts.items()}
    with Server(path) as server:
        ours = {text: server.logprobs(prompt) for text, prompt in prompts.items()}
    for (text, own), theirs in zip(ours.items(), reference(path, prompts.values())):
        yield {
            "model": name, "input": f"{text}, {len(own)} tokens", "measure": "perplexity", "ours": math.exp(-sum(own) / len(own)),
            "reference": math.exp(-sum(theirs) / len(theirs)),
            "apart": f"{sum(abs(a - b) for a, b in zip(own, theirs)) / len(own):.4f} nats a token in the mean",
        }


def encoder(name, path, case):
    import torch

    sys.path.append(str(ROOT / "scripts"))
    golden = importlib.import_module("golden.real_vectors")
    found = {}
    golden.write = lambda folder, name, cut, model: found.update({text: golden.vector(model, ids) for text, ids in cut})
    with torch.no_grad():
        golden.CASES[case](None)
    command = [YUYAN, "embed", path, *found, "--json"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    vectors = {line["text"]: line["embedding"] for line in map(json.loads, lines)}
    cosines = [sum(a * b for a, b in zip(vectors[text], vector)) for text, vector in found.items()]
    yield {
        "model": name, "input": f"{len(cosines)} texts", "measure": "cosine", "ours": min(cosines), "reference": 1.0,
        "apart": f"the least; {sum(cosines) / len(cosines):.6f} in the mean",
    }


def rows(wanted):
    for name, file in DECODERS.items():
        yield from found(name, file, wanted, lambda path: decoder(name, path))
    for name, (file, case) in ENCODERS.items():
        yield from found(name, file, wanted, lambda path: encoder(name, path, case))


def found(name, file, wanted, measure):
    if wanted and name not in wanted:
        return
    if not (MODELS / file).exists():
        print(f"{name}: left out; yuyan pull {name} fetches it", file=sys.stderr)
        return
    yield from measure(MODELS / file)


def replace(path, mark, lines):
    """Puts lines between a file's marks."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, _, rest = path.read_text().partition(begin)
    path.write_text("\n".join([before + begin, "", *lines, "", end]) + rest.partition(end)[2])


def told():
    """Of what and when the figures are."""
    import transformers

    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    versions = f"yuyan {commit}, transformers {transformers.__version__} with the file's weights worked out as float32"
    return f"`python3 Benchmarks/models/models.py`, {datetime.date.today()}, {versions}, all in one run."


def line(row):
    figures = f"{row['ours']:.4f} | {row['reference']:.4f}" if row["measure"] == "perplexity" else f"{row['ours']:.6f} | 1"
    return f"| {row['model']} | {row['input']} | {row['measure']} | {figures} | {row['apart']} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *DECODERS, *ENCODERS])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--update", action="store_true", help="write the table to Benchmarks/RESULTS.md")
    options = parser.parse_args()
    lines = ["| Model | Input | Measure | Yuyan | Reference | Apart |", "|---|---|---|--:|--:|---|"]
    if not options.json:
        print(*lines, sep="\n", flush=True)
    for row in rows(options.names):
        lines.append(line(row))
        print(json.dumps(row) if options.json else lines[-1], flush=True)
    if options.update:
        replace(ROOT / "Benchmarks" / "RESULTS.md", "models", [told(), "", *lines])


if __name__ == "__main__":
    main()

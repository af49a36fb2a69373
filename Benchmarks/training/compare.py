#!/usr/bin/env python3
"""A whole training step (forward, backward, AdamW) here and in PyTorch, side by side: prints a Markdown table.

    python3 Benchmarks/training/compare.py [--threads 2] [--rounds 3] [--steps 1] [--case NAME …] [--precision float32 …] [--moments 32 8] [--in-backward]

Both sides are processes that live as long as their row and take turns, so that what disturbs the machine disturbs both. A row has
the medians of tokens a second by the clock and by the time that the process was given, which a busy machine disturbs less,
and the most memory each held. The networks are Llama's shape on both sides, with as many parameters as the row says; PyTorch
runs eagerly, with its fused attention and its fused AdamW, which has no moments in 8 bits on CPUs: it keeps float32. Needs swiftc, clang and a Python with torch.
"""

import argparse
import itertools
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = [
    "-O", "-wmo", "-swift-version", "6", "-package-name", "yuyan", "-enable-upcoming-feature", "ExistentialAny",
    "-enable-upcoming-feature", "InternalImportsByDefault", "-enable-upcoming-feature", "MemberImportVisibility",
]
# Settings, documents, tokens in each, rank.
CASES = {
    "124M, 4 x 64": (dict(vocab_size=50257, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=2048), 4, 64, 0),
    "124M, 4 x 256": (dict(vocab_size=50257, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=2048), 4, 256, 0),
    "13.8M, 16 x 256": (dict(vocab_size=8000, hidden_size=384, num_hidden_layers=6, num_attention_heads=6, intermediate_size=1024), 16, 256, 0),
    "LoRA 8 of 135M, 4 x 256": (
        dict(vocab_size=49152, hidden_size=576, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3, intermediate_size=1536), 4, 256, 8),
}


def compiled(folder):
    """Our side: the kernels, then room after room. Checkpoints goes without the model store, which needs packages."""
    kernels = ROOT / "Sources/CKernels"
    objects = []
    for source in [*kernels.glob("*.c"), *kernels.glob("isa/*.c")]:
        objects.append(f"{folder}/{source.stem}.o")
        subprocess.run(["clang", "-O3", f"-I{kernels}/include", f"-I{kernels}", "-c", source, "-o", objects[-1]], check=True)
    pathlib.Path(folder, "module.modulemap").write_text(f'module CKernels {{ header "{kernels}/include/CKernels.h" export * }}\n')
    for room in ("Tensors", "Checkpoints", "Models"):
        sources = [f for f in (ROOT / "Sources" / room).rglob("*.swift") if not {"Store", "Pull"} & set(f.parts)]
        objects.append(f"{folder}/{room}.o")
        command = ["swiftc", *FLAGS, "-parse-as-library", "-I", folder, "-emit-module", "-module-name", room, *sources]
        subprocess.run([*command, "-emit-module-path", f"{folder}/{room}.swiftmodule", "-c", "-o", objects[-1]], check=True)
    optimizers = (ROOT / "Sources/Training/Optimizers").glob("*.swift")
    program = f"{folder}/ours"
    main = ROOT / "Benchmarks/training/main.swift"
    subprocess.run(["swiftc", *FLAGS, "-I", folder, "-o", program, main, *optimizers, *objects, "-lm"], check=True)
    return program


class Side:
    """A process that takes steps when it is told to."""

    def __init__(self, command, threads):
        names = ("YUYAN_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        environment = dict(os.environ, **{name: str(threads) for name in names})
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.rates, self.given, self.peak = [], [], 0

    def step(self, steps, tokens, counts=True):
        before = self.cpu()
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        seconds, _, peak = self.process.stdout.readline().split()
        if counts:
            self.rates.append(steps * tokens / float(seconds))
            self.given.append(steps * tokens / (self.cpu() - before))
        self.peak = int(peak)

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def row(program, name, precision, moments, arguments):
    settings, documents, length, rank = CASES[name]
    text = ",".join(f"{k}={v}" for k, v in {"model_type": "llama", **settings, "tie_word_embeddings": "true"}.items())
    shape = [str(documents), str(length), precision, str(rank)]
    sides = [
        Side([program, text, *shape, str(moments), "in_backward" if arguments.in_backward else "after"], arguments.threads),
        Side([sys.executable, str(ROOT / "Benchmarks/training/peer.py"), text, *shape], arguments.threads),
    ]
    for side in sides:
        side.step(1, documents * length, counts=False)
    for _ in range(arguments.rounds):
        for side in sides:
            side.step(arguments.steps, documents * length)
    for side in sides:
        side.end()
    return sides


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--case", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--precision", nargs="*", default=["float32", "bfloat16"])
    parser.add_argument("--moments", nargs="*", type=int, default=[32], choices=[32, 8], help="bits of ours")
    parser.add_argument("--in-backward", action="store_true", help="ours moves each parameter as soon as its gradient is whole")
    parser.add_argument("--program", help="our side, already built")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = arguments.program or compiled(folder)
        print(f"{arguments.threads} threads, {arguments.rounds} rounds of {arguments.steps}, {time.strftime('%Y-%m-%d')}\n")
        print("| Step | | tokens/s | PyTorch | ratio | tokens per CPU second | PyTorch | ratio | memory, MB | PyTorch | ratio |")
        print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        for name in arguments.case:
            for precision, moments in itertools.product(arguments.precision, arguments.moments):
                sides = row(program, name, precision, moments, arguments)
                cells = [name, precision + ("" if moments == 32 else ", moments in 8 bits")]
                for measure, form in ((lambda s: statistics.median(s.rates), ".0f"), (lambda s: statistics.median(s.given), ".0f")):
                    a, b = map(measure, sides)
                    cells += [f"{a:{form}}", f"{b:{form}}", f"{a / b:.2f}"]
                a, b = (side.peak / 1024 for side in sides)
                cells += [f"{a:.0f}", f"{b:.0f}", f"{a / b:.2f}"]
                print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()

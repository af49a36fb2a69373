#!/usr/bin/env python3
"""Our encoder and the reference, `tokenizers`, on the same text, alternately, on one core: prints the ratio of
processor times.

    YUYAN_MODELS=~/.yuyan/models python3 Benchmarks/tokenizers/benchmark.py [--text NAME=FILE …] [--rounds 7]

Needs what scripts/golden/tokenizers.py needs. The default text is this repository's code and Python's own library; give
English and Chinese prose with --text. Families whose model file is not there are left out.
"""

import argparse
import glob
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

try:
    from golden import tokenizers as golden  # noqa: E402
    from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers  # noqa: E402
except ImportError as missing:
    sys.exit(f"{missing}: needs the packages that scripts/golden/tokenizers.py names, in an environment of yours")


def compiled(folder):
    rooms = ("Tokenizers", "JSON")
    sources = [file for room in rooms for file in glob.glob(str(ROOT / f"Sources/Text/{room}/**/*.swift"), recursive=True)]
    program = str(pathlib.Path(folder) / "ours")
    here = str(ROOT / "Benchmarks/tokenizers/main.swift")
    command = ["swiftc", "-O", "-wmo", "-swift-version", "6", "-package-name", "yuyan", "-o", program, here, *sources]
    subprocess.run(command, check=True, cwd=folder)
    return program


def gemma(spec):
    """The published Gemma tokenizer: BPE with the merges that its scores imply, in `tokenizers`."""
    vocabulary = {token: i for i, token in enumerate(spec["tokens"])}
    normal = [(t, s) for t, s, k in zip(spec["tokens"], spec["scores"], spec["token_type"]) if k == golden.NORMAL]
    merges = []
    for token, score in normal:
        splits = ((token[:i], token[i:]) for i in range(1, len(token)))
        merges += [(-score, -len(left), left, right) for left, right in splits if left in vocabulary and right in vocabulary]
    pairs = [(left, right) for _, _, left, right in sorted(merges)]
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs, byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    added = [token for token, kind in zip(spec["tokens"], spec["token_type"]) if kind == golden.USER_DEFINED]
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in added])
    return tokenizer


FAMILIES = {
    "smollm2": lambda spec: golden.ByteLevel(spec, "smollm").tokenizer,
    "qwen2.5": lambda spec: golden.ByteLevel(spec, "qwen2").tokenizer,
    "gemma3": gemma,
}


def default_texts():
    library = pathlib.Path(os.__file__).parent
    code = "".join((library / name).read_text() for name in ("argparse.py", "typing.py", "inspect.py", "tarfile.py"))
    return {"code": code}


def measure(reference, ours, path, rounds):
    text = pathlib.Path(path).read_text()
    theirs, own, same = [], [], None
    for _ in range(rounds):
        start = time.thread_time_ns()
        encoding = reference.encode_batch_fast([text], add_special_tokens=False)[0]
        theirs.append(time.thread_time_ns() - start)
        ours.stdin.write(f"{path}\n")
        ours.stdin.flush()
        nanoseconds, count, checksum = map(int, ours.stdout.readline().split())
        own.append(nanoseconds)
        if same is None:
            ids = encoding.ids
            expected = 0
            for i in ids:
                expected = (expected * 31 + i) & 0xFFFFFFFF
            same = (count, checksum) == (len(ids), expected)
    size = len(text.encode()) / 1e6
    theirs, own = statistics.median(theirs) / 1e9, statistics.median(own) / 1e9
    return size / theirs, size / own, theirs / own, same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--family", choices=FAMILIES)
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder)
        paths = dict(text.split("=", 1) for text in options.text)
        for name, text in default_texts().items():
            paths.setdefault(name, f"{folder}/{name}.txt")
            pathlib.Path(paths[name]).write_text(text) if paths[name].startswith(folder) else None
        print(f"{'family':10} {'text':8} {'reference':>12} {'ours':>12} {'ratio':>7}   ids")
        for family in [options.family] if options.family else FAMILIES:
            run(family, folder, program, paths, options.rounds)


def run(family, folder, program, paths, rounds):
    try:
        spec = golden.model(family)
    except FileNotFoundError as problem:
        return print(f"{family}: left out, {problem}")
    description = pathlib.Path(folder) / f"{family}.json"
    description.write_text(json.dumps(spec))
    reference = FAMILIES[family](spec)
    with subprocess.Popen(
        [program, description], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as ours:
        nanoseconds, count = map(int, ours.stdout.readline().split())
        print(f"{family}: {count} tokens, ready after {nanoseconds / 1e6:.0f} ms")
        for name, path in paths.items():
            theirs, own, ratio, same = measure(reference, ours, path, rounds)
            verdict = "same" if same else "differ"
            print(f"{family:10} {name:8} {theirs:7.2f} MB/s {own:7.2f} MB/s {ratio:6.1f}x  {verdict}", flush=True)
        ours.stdin.close()


if __name__ == "__main__":
    main()

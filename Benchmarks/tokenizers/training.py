#!/usr/bin/env python3
"""Our trainers of byte-level BPE and Unigram and the reference's, `tokenizers`, on the same files, alternately: prints the
ratio of times.

    python3 Benchmarks/tokenizers/training.py --text NAME=FILE … [--words gpt-2] [--size 32000] [--threads 2]

Each run is a process of its own, reads the file line by line and ends with the merges; only from the first line to the
last merge is timed. The merges must be the same; of Unigram (`--words unigram`), which need not be the same, it prints how many
tokens the text takes with our vocabulary for each that it takes with the reference's, bytes counted as its part. The default text is Python's own library.
"""

import argparse
import glob
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
SPECIAL = "<|endoftext|>"


def compiled(folder):
    rooms = ("Tokenizers", "JSON")
    sources = [file for room in rooms for file in glob.glob(str(ROOT / f"Sources/Text/{room}/**/*.swift"), recursive=True)]
    program, here = str(pathlib.Path(folder) / "ours"), str(ROOT / "Benchmarks/tokenizers/training/main.swift")
    command = ["swiftc", "-O", "-wmo", "-swift-version", "6", "-package-name", "yuyan", "-o", program, here, *sources]
    subprocess.run(command, check=True, cwd=folder)
    return program


def reference(path, size, least, words, output):
    """One training by the reference, in this process."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    if words == "unigram":
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
        trainer = trainers.UnigramTrainer(
            vocab_size=int(size) - 256, special_tokens=["<unk>", SPECIAL], unk_token="<unk>", show_progress=False
        )
    else:
        tokenizer = byte_level(words)
        trainer = trainers.BpeTrainer(
            vocab_size=int(size), min_frequency=int(least), special_tokens=[SPECIAL], show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
    start = time.perf_counter()
    tokenizer.train([path], trainer)
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    tokenizer.save(output)


def byte_level(words):
    from golden._patterns import PATTERNS
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE())
    splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in PATTERNS[words]]
    last = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*splits, last])
    return tokenizer


def verdict(ours, theirs, path, words):
    if words != "unigram":
        merges = [json.loads(pathlib.Path(file).read_text())["model"]["merges"] for file in (ours, theirs)]
        return "same merges" if merges[0] == merges[1] else "MERGES DIFFER"
    from tokenizers import Tokenizer

    with open(path) as text:
        lines = text.readlines()
    own, other = (
        sum(len(e.ids) for e in Tokenizer.from_file(file).encode_batch(lines, add_special_tokens=False))
        for file in (ours, theirs)
    )
    return f"{own / other:.3f} of the tokens"


def timed(command, threads):
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "true"}
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.split()
    return float(output[0]), int(output[-1]) / 1024


def compare(program, folder, path, words, options):
    size, least, threads = str(options.size), str(options.least), str(options.threads)
    ours, theirs = f"{folder}/ours.json", f"{folder}/theirs.json"
    commands = {
        ours: [program, path, size, least, words, threads, SPECIAL, ours],
        theirs: [sys.executable, __file__, "--reference", path, size, least, words, theirs],
    }
    runs = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            runs[name].append(timed(command, options.threads))
    own, other = (statistics.median(seconds for seconds, _ in runs[name]) for name in commands)
    memory = [max(most for _, most in runs[name]) for name in commands]
    return own, other, memory, verdict(ours, theirs, path, words)


def main():
    if sys.argv[1:2] == ["--reference"]:
        return reference(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--words", action="append", help="a pattern of words, or unigram (default: qwen2, gpt-2, unigram)")
    parser.add_argument("--size", type=int, default=32_000)
    parser.add_argument("--least", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder)
        paths = dict(text.split("=", 1) for text in options.text) or {"python": library(folder)}
        print(f"{'text':8} {'MB':>6} {'words':10} {'reference':>16} {'ours':>16} {'ratio':>7}")
        for name, path in paths.items():
            for words in options.words or ["qwen2", "gpt-2", "unigram"]:
                own, other, (most, others), result = compare(program, folder, path, words, options)
                megabytes = os.path.getsize(path) / 1e6
                figures = f"{other:6.2f} s {others:5.0f} MB {own:6.2f} s {most:5.0f} MB {other / own:6.1f}x"
                print(f"{name:8} {megabytes:6.1f} {words:10} {figures}   {result}", flush=True)


def library(folder):
    path = pathlib.Path(folder) / "python.txt"
    sources = sorted(pathlib.Path(os.__file__).parent.glob("**/*.py"))
    path.write_text("".join(source.read_text(errors="ignore") for source in sources))
    return str(path)


if __name__ == "__main__":
    main()

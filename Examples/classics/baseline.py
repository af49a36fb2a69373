#!/usr/bin/env python3
"""Bits per character of a 5-gram of characters: interpolated modified Kneser-Ney (Chen and Goodman 1998), KenLM's lmplz.

Usage: baseline.py TRAIN VALIDATION WORK [--order N]

KenLM's sources come from PyPI by name and version and are built in WORK; that needs Debian's cmake, g++,
libboost-program-options-dev, libboost-system-dev, libboost-thread-dev, libboost-test-dev, zlib1g-dev, libbz2-dev and
liblzma-dev. lmplz estimates its discounts from the training text itself. A document is a line; each character is a token,
space and line feed too; the end of a document is `</s>`.

Bits per character are the bits of all characters and all document ends, divided by the number of characters. A character
that the training text does not have costs `<unk>` and then a choice among all Unicode scalar values.
"""

import argparse
import json
import lzma
import math
import re
import subprocess
import sys
import zlib
from pathlib import Path

KENLM = "kenlm==0.3.0"
SCALARS = 0x110000 - 0x800
NAMES = {" ": "<space>", "\n": "<line>", "\t": "<tab>"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("validation", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--order", type=int, nargs="+", default=[5])
    choice = parser.parse_args()
    train, validation = documents(choice.train), documents(choice.validation)
    characters = sum(map(len, validation))
    tools = build(choice.work)
    unseen = sum(c not in known for known in [set().union(*train)] for text in validation for c in text)
    print(f"{len(validation)} documents, {characters} characters, of which {unseen} are not in the training text")
    for order in choice.order:
        bits = measure(tools, choice.work, train, validation, order) + unseen * math.log2(SCALARS)
        print(f"{order}-gram, modified Kneser-Ney: {bits / characters:.4f} bits per character")
    for name, size in compressed(train, validation).items():
        print(f"{name}: {8 * size / characters:.4f} bits per character")
    return 0


def documents(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def build(work: Path) -> Path:
    """The folder of KenLM's tools, built once."""
    source, tools = work / "kenlm", work / "kenlm/build/bin"
    if not (tools / "query").exists():
        source.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "kenlm", "-d", work, KENLM]
        subprocess.run(pip, check=True)
        archive = next(work.glob("kenlm-*.tar.gz"))
        subprocess.run(["tar", "xzf", archive, "-C", source, "--strip-components", "1"], check=True)
        configure = ["cmake", "-S", source, "-B", source / "build", "-DCMAKE_BUILD_TYPE=Release"]
        subprocess.run(configure, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["cmake", "--build", source / "build", "--target", "lmplz", "query", "-j2"], check=True)
    return tools


def measure(tools: Path, work: Path, train: list[str], validation: list[str], order: int) -> float:
    """Bits of the validation text with its document ends; an unseen character costs `<unk>` alone."""
    model = work / f"{order}.arpa"
    with open(model, "wb") as file:
        command = [tools / "lmplz", "-o", str(order), "-S", "2G", "-T", work]
        subprocess.run(command, input=spaced(train), stdout=file, check=True)
    query = [tools / "query", "-v", "summary", model]
    report = subprocess.run(query, input=spaced(validation), capture_output=True, check=True).stdout.decode()
    perplexity = float(re.search(r"Perplexity including OOVs:\s*(\S+)", report)[1])
    tokens = int(re.search(r"Tokens:\s*(\d+)", report)[1])
    expected = sum(map(len, validation)) + len(validation)
    if tokens != expected:
        raise SystemExit(f"query counted {tokens} tokens instead of {expected}")
    return tokens * math.log2(perplexity)


def spaced(texts: list[str]) -> bytes:
    """A document a line, a character a word."""
    return "".join(" ".join(NAMES.get(c, c) for c in text) + "\n" for text in texts).encode()


def compressed(train: list[str], validation: list[str]) -> dict[str, int]:
    """Bytes of the validation text by itself, and beside the training text, as a check of sense."""
    alone, before = "\0".join(validation).encode(), "\0".join(train).encode()
    preset = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 26}]
    xz = [len(lzma.compress(text, filters=preset, format=lzma.FORMAT_XZ)) for text in (alone, before, before + alone)]
    gzip = len(zlib.compress(alone, 9))
    return {"gzip -9, alone": gzip, "xz, alone": xz[0], "xz, after the training text": xz[2] - xz[1]}


if __name__ == "__main__":
    sys.exit(main())

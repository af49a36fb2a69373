"""Our side of the measurements: a vocabulary from a GGUF file, and the program that benchmark.py and fuzz.py talk to."""

import json
import pathlib
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ["-O", "-wmo", "-swift-version", "6", "-package-name", "yuyan"] + [
    flag
    for name in ("ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility")
    for flag in ("-enable-upcoming-feature", name)
]


def vocabulary(path):
    """The bytes of each token, none for control tokens; the last is the end."""
    import gguf

    fields = gguf.GGUFReader(path).fields
    tokens = [bytes(fields["tokenizer.ggml.tokens"].parts[i]).decode() for i in fields["tokenizer.ggml.tokens"].data]
    kinds = [int(fields["tokenizer.ggml.token_type"].parts[i][0]) for i in fields["tokenizer.ggml.token_type"].data]
    letters = alphabet()
    return [spelled(token, letters) if kind == 1 else b"" for token, kind in zip(tokens, kinds)] + [b""]


def alphabet():
    """GPT-2's letters for bytes (Radford et al. 2019)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + i): byte for i, byte in enumerate(others)}


def spelled(token, letters):
    return bytes(letters[letter] for letter in token)


def write(tokens, path):
    path.write_bytes(b"".join(struct.pack("<I", len(token)) + token for token in tokens))


def compiled():
    """Builds the two rooms and what is in Swift here with optimisation, where they are newer; returns the program's path."""
    folder = ROOT / ".build-grammars"
    folder.mkdir(exist_ok=True)
    sources = [path for room in ("Text", "Grammars") for path in (ROOT / "Sources" / room).rglob("*.swift")]
    here = sorted((ROOT / "Benchmarks/grammars").glob("*.swift"))
    newest = max(path.stat().st_mtime for path in [*sources, *here])
    if (folder / "ours").exists() and (folder / "ours").stat().st_mtime > newest:
        return folder / "ours"
    for room in ("Text", "Grammars"):
        files = [str(path) for path in sorted((ROOT / "Sources" / room).rglob("*.swift"))]
        module = ["-module-name", room, "-emit-module", "-emit-module-path", str(folder / f"{room}.swiftmodule")]
        run(["swiftc", *FLAGS, "-parse-as-library", "-I", ".", *module, "-c", "-o", f"{room}.o", *files], folder)
    run(["swiftc", *FLAGS, "-I", ".", "-o", "ours", *map(str, here), "Text.o", "Grammars.o"], folder)
    return folder / "ours"


def run(command, folder):
    subprocess.run(command, check=True, cwd=folder)


class Ours:
    def __init__(self, program, mode, tokens, folder):
        path = pathlib.Path(folder) / "tokens.bin"
        write(tokens, path)
        self.process = subprocess.Popen([program, mode, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "our side ended"
        return answer.strip()

"""Token ids of the reference libraries for awkward strings, with whole and with cut-down vocabularies.

Needs: tokenizers 0.23, sentencepiece 0.2, protobuf, gguf, regex; for the whole vocabularies the GGUF files in the
folder $YUYAN_MODELS or ~/.yuyan/models.
"""

import functools
import json
import os
import pathlib

import gguf
import regex
import sentencepiece
import tokenizers
from sentencepiece import sentencepiece_model_pb2 as sentencepiece_model
from tokenizers import AddedToken, Regex, models, pre_tokenizers

from golden import _awkward as awkward
from golden._patterns import IGNORING_MERGES, PATTERNS

FOLDER = "Text"
SOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources" / "Text" / "Tokenizers"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6


# Reading models


def fields(name):
    """The tokenizer of a GGUF file, by the last part of each field's name."""
    folder = pathlib.Path(os.environ.get("YUYAN_MODELS", pathlib.Path.home() / ".yuyan" / "models"))
    reader = gguf.GGUFReader(folder / name)
    found = {key: field.contents() for key, field in reader.fields.items() if key.startswith("tokenizer.ggml.")}
    return {key.rsplit(".", 1)[1]: value for key, value in found.items()}


@functools.cache
def model(name):
    return fields({
        "smollm2": "SmolLM2-135M-Instruct.Q4_1.gguf",
        "qwen2.5": "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "gemma3": "gemma-3-270m-q4_k_m.gguf",
    }[name])


# Byte-level BPE


class ByteLevel:
    """A family's tokenizer as the `tokenizers` library builds it."""

    def __init__(self, spec, pre, ignore_merges=False):
        self.patterns = PATTERNS[pre]
        kinds = list(zip(spec["tokens"], spec["token_type"]))
        vocabulary = {token: i for i, token in enumerate(spec["tokens"])}
        merges = [tuple(merge.split(" ")) for merge in spec["merges"]]
        self.bpe = models.BPE(vocabulary, merges, ignore_merges=ignore_merges)
        self.tokenizer = tokenizers.Tokenizer(self.bpe)
        self.tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(p), "isolated") for p in self.patterns]
            + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
        )
        self.tokenizer.add_tokens([AddedToken(t, normalized=False) for t, k in kinds if k == USER_DEFINED])
        self.tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t, k in kinds if k == CONTROL])

    def ids(self, text, parse_special):
        self.tokenizer.encode_special_tokens = not parse_special
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def ids_of_bytes(self, data):
        """What is not UTF-8 is cut like symbols; only the model sees the bytes."""
        words = [data.decode("utf-8", "surrogateescape")]
        for pattern in self.patterns:
            words = [part for word in words for part in isolated(pattern, word)]
        alphabet = gpt2_alphabet()
        words = ["".join(alphabet[b] for b in word.encode("utf-8", "surrogateescape")) for word in words]
        return [token.id for word in words for token in self.bpe.tokenize(word)]


def isolated(pattern, text):
    at = 0
    for match in regex.finditer(pattern, text):
        yield from filter(None, [text[at : match.start()], match[0]])
        at = match.end()
    yield from filter(None, [text[at:]])


def gpt2_alphabet():
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(b if b in printable else next(others)) for b in range(256)]


def spelled(text):
    return "".join(gpt2_alphabet()[byte] for byte in text.encode())


# SentencePiece


class SentencePiece:
    """A SentencePiece model with the vocabulary of a GGUF file."""

    def __init__(self, spec, space_prefix=False):
        proto = sentencepiece_model.ModelProto()
        for token, score, kind in zip(spec["tokens"], spec["scores"], spec["token_type"]):
            kind = UNKNOWN if token == "<unk>" else kind
            proto.pieces.add(piece=token.replace(" ", "▁") if kind == USER_DEFINED else token, score=score, type=kind)
        proto.trainer_spec.model_type = 2
        proto.trainer_spec.byte_fallback = True
        proto.normalizer_spec.name = "identity"
        proto.normalizer_spec.add_dummy_prefix = space_prefix
        proto.normalizer_spec.remove_extra_whitespaces = False
        self.processor = sentencepiece.SentencePieceProcessor(model_proto=proto.SerializeToString())
        controls = [t for t, k in zip(spec["tokens"], spec["token_type"]) if k in (CONTROL, UNKNOWN)]
        self.controls = {token: spec["tokens"].index(token) for token in controls}
        self.pattern = "|".join(regex.escape(token) for token in sorted(controls, key=len, reverse=True))
        self.byte = {b: spec["tokens"].index(f"<0x{b:02X}>") for b in range(256)}

    def ids(self, text, parse_special):
        parts = isolated(self.pattern, text) if parse_special else [text]
        encoded = [[self.controls[p]] if parse_special and p in self.controls else self.plain(p) for p in parts]
        return sum(encoded, [])

    def plain(self, text):
        return self.processor.encode(text) if text else []

    def ids_of_bytes(self, data):
        """What is not UTF-8 becomes byte tokens, and what stands beside it never merges with it."""
        ids = []
        for part in isolated(r"[\udc80-\udcff]+", data.decode("utf-8", "surrogateescape")):
            stray = "\udc80" <= part[0] <= "\udcff"
            ids += [self.byte[ord(c) & 0xFF] for c in part] if stray else self.plain(part)
        return ids


# Cut-down vocabularies

CONTROLS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<bos>", "<eos>"]


def small_merges(spec, most, most_other):
    """The first merges, and the first that make something beyond ASCII; each rests on those before it."""
    known, kept, others = set(gpt2_alphabet()), [], 0
    for rank, merge in enumerate(spec["merges"]):
        left, right = merge.split(" ")
        beyond = not (left + right).replace("Ġ", "").isascii()
        if left in known and right in known and (rank < most or (beyond and others < most_other)):
            others += rank >= most
            kept.append(merge)
            known.add(left + right)
    return kept


def small_byte_level():
    merges = small_merges(model("qwen2.5"), 2000, 1000)
    tokens = gpt2_alphabet() + [merge.replace(" ", "") for merge in merges]
    whole = [spelled(word) for word in (" internationalization", "你好", " SCREAMING", "haha")]  # no merge makes them
    tokens += [token for token in whole if token not in tokens]
    kinds = [NORMAL] * len(tokens) + [CONTROL] * len(CONTROLS) + [USER_DEFINED] * 2
    tokens += CONTROLS + ["<tool_call>", "</tool_call>"]
    return {"tokens": tokens, "token_type": kinds, "merges": merges}


def small_sentence_piece():
    spec = model("gemma3")
    rows = list(zip(spec["tokens"], spec["scores"], spec["token_type"]))
    added = [row for row in rows if row[2] != NORMAL and not row[0].startswith("<unused")]
    normal = sorted((row for row in rows if row[2] == NORMAL), key=lambda row: -row[1])
    space = [row for row in normal if row[0] == "▁"]
    ascii = [row for row in normal if row[0].replace("▁", "").isascii() and row not in space]
    other = [row for row in normal if not row[0].replace("▁", "").isascii()]
    # Scores are ranks here, and ids follow them, so single characters come last.
    kept = added + space + ascii[:2500] + ascii[-100:] + other[:700] + other[-700:]
    return {"tokens": [r[0] for r in kept], "scores": [r[1] for r in kept], "token_type": [r[2] for r in kept]}


# Cases


def write(folder, name, value):
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    assert len(text) < 200_000, f"{name}: {len(text)} bytes"
    (folder / f"tokenizer-{name}.json").write_text(text + "\n")


def golden(reference):
    """Ids with special tokens read as such, those that differ when they are not, and those of broken bytes."""
    ids = [reference.ids(text, True) for text in awkward.TEXTS]
    plain = [reference.ids(text, False) for text in awkward.TEXTS]
    return {
        "ids": ids,
        "plain": {str(i): b for i, (a, b) in enumerate(zip(ids, plain)) if a != b},
        "bytes": [reference.ids_of_bytes(data) for data in awkward.BYTES],
    }


def strings(folder):
    write(folder, "strings", {"texts": awkward.TEXTS, "bytes": [data.hex() for data in awkward.BYTES]})


def small(folder):
    spec = small_byte_level()
    write(folder, "small-bpe", spec)
    for pre in PATTERNS:
        write(folder, f"small-bpe.{pre}", golden(ByteLevel(spec, pre, ignore_merges=pre in IGNORING_MERGES)))
    spec = small_sentence_piece()
    write(folder, "small-spm", spec)
    write(folder, "small-spm.gemma", golden(SentencePiece(spec)))


def whole(folder):
    write(folder, "smollm2", golden(ByteLevel(model("smollm2"), "smollm")))
    write(folder, "qwen2.5", golden(ByteLevel(model("qwen2.5"), "qwen2")))
    write(folder, "gemma3", golden(SentencePiece(model("gemma3"))))


def unicode(folder):
    """The classes of all scalars, as the reference's regular expressions see them, in run lengths."""
    patterns = {
        "u": r"[\p{Lu}\p{Lt}]", "l": r"\p{Ll}", "o": r"[\p{Lm}\p{Lo}]", "m": r"\p{M}", "n": r"\p{N}",
        "p": r"\p{P}", "y": r"\p{S}", "s": r"\s",
    }
    scalars = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    kinds = {c: letter for letter, pattern in patterns.items() for c in matching(pattern, scalars)}
    runs, line = [], "    "
    for code in range(0x110000):
        kind = kinds.get(chr(code), "x")
        if runs and runs[-1][0] == kind:
            runs[-1][1] += 1
        else:
            runs.append([kind, 1])
    lines = []
    for run in (kind + (str(count) if count > 1 else "") for kind, count in runs):
        if len(line) + len(run) > 118:
            lines, line = lines + [line + "\\"], "    "
        line += run
    path = SOURCES / "Unicode" / "ScalarRuns.swift"
    head = path.read_text().split('"""')[0]
    path.write_text(head + '"""\n' + "\n".join(lines + [line]) + '\n    """\n')


def matching(pattern, scalars):
    kept = pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str("".join(scalars))
    return set(scalars) - set("".join(part for part, _ in kept))


CASES = {"strings": strings, "small": small, "whole": whole, "unicode": unicode}

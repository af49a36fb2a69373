"""A file of tiktoken's, small, and the ids that its library makes with the words of two families for awkward strings.

Needs `tiktoken`. The vocabulary is that of `tokenizers small`.
"""

import base64
import json
import unicodedata

import tiktoken

from golden import _awkward as awkward
from golden._patterns import PATTERNS

FOLDER = "Text"


def gpt2_bytes():
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return {chr(b if b in printable else next(others)): b for b in range(256)}


def ranks(folder):
    spec, alphabet = json.loads((folder / "tokenizer-small-bpe.json").read_text()), gpt2_bytes()
    tokens = [token for token, kind in zip(spec["tokens"], spec["token_type"]) if kind == 1]
    return {bytes(alphabet[c] for c in token): rank for rank, token in enumerate(tokens)}


def make(folder):
    table = ranks(folder)
    lines = [f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in table.items()]
    (folder / "small.tiktoken").write_text("".join(lines))
    found = {}
    for family, pattern, form in [("qwen", "qwen2", "NFC"), ("chatglm", "llama-bpe", None)]:
        encoding = tiktoken.Encoding(family, pat_str=PATTERNS[pattern][0], mergeable_ranks=table, special_tokens={})
        texts = [unicodedata.normalize(form, text) if form else text for text in awkward.TEXTS]
        found[family] = [encoding.encode_ordinary(text) for text in texts]
    (folder / "tiktoken.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")


CASES = {"tiktoken": make}

"""Tokenizers that the reference library trained, as it wrote them, and its ids; and its ids from files that we wrote.

Needs: tokenizers 0.23. The corpora are Tests/Golden/Models/corpus-*.txt. The case `written` reads what
`RECORD_SNAPSHOTS=1 swift test --filter TokenizerJSONTests` has written.
"""

import json
import pathlib

import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors, trainers

from golden import _awkward as awkward
from golden._patterns import PATTERNS

FOLDER = "Text/training"
CORPORA = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "Models"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
MOST_BYTES = 200_000


def corpus():
    """Lines with their ends, as a reader of files hands them out."""
    for name in ("corpus-en.txt", "corpus-zh.txt"):
        yield from (CORPORA / name).read_text().splitlines(keepends=True)


def ids(tokenizer):
    """Ids with control tokens read as such, those that differ when they are not, and those with BOS and EOS."""
    def encode(text, parse=True, add=False):
        tokenizer.encode_special_tokens = not parse
        return tokenizer.encode(text, add_special_tokens=add).ids

    read = [encode(text) for text in awkward.TEXTS]
    plain = [encode(text, parse=False) for text in awkward.TEXTS]
    return {
        "ids": read,
        "plain": {str(i): b for i, (a, b) in enumerate(zip(read, plain)) if a != b},
        "whole": [encode(text, add=True) for text in awkward.TEXTS[:10]],
    }


def write(folder, name, tokenizer, **settings):
    value = settings | {"file": json.loads(tokenizer.to_str()), **ids(tokenizer)}
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode()) < MOST_BYTES, f"{name}: {len(text.encode())} bytes"
    (folder / f"{name}.json").write_text(text + "\n")


# Byte-level BPE


def bpe(folder):
    byte_level(folder, "qwen2", 2000, 2, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], normalizer=normalizers.NFC())
    byte_level(folder, "gpt-2", 3000, 0, ["the", "<|endoftext|>"], all_bytes=False)
    byte_level(folder, "smollm", 900, 5, ["<|im_end|>"])
    byte_level(folder, "llama-bpe", 1500, 3, ["<s>", "</s>"], template=True)


def byte_level(folder, pre, size, least, special, all_bytes=True, template=False, normalizer=None):
    tokenizer = tokenizers.Tokenizer(models.BPE())
    splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in PATTERNS[pre]]
    last = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*splits, last])
    if pre == "gpt-2":
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet() if all_bytes else []
    trainer = trainers.BpeTrainer(
        vocab_size=size, min_frequency=least, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    if normalizer:
        tokenizer.normalizer = normalizer  # after training, which compares with a trainer that has none
    if template:
        tokenizer.post_processor = processors.Sequence([processors.ByteLevel(), bracket(tokenizer)])
    settings = {"pre": pre, "size": size, "least": least, "special": special, "allBytes": all_bytes}
    write(folder, f"bpe-{pre}", tokenizer, **settings)


def bracket(tokenizer):
    pairs = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
    return processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> <s> $B </s>", special_tokens=pairs)


# SentencePiece's models


def marked(folder):
    for name, normalizer, cutter in marks():
        tokenizer = tokenizers.Tokenizer(models.BPE(unk_token="<unk>"))
        tokenizer.normalizer = normalizer
        tokenizer.pre_tokenizer = cutter or pre_tokenizers.Split("▁", "merged_with_next")  # training needs words
        trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False)
        tokenizer.train_from_iterator(corpus(), trainer)
        spec = json.loads(tokenizer.to_str())
        tokens = sorted(spec["model"]["vocab"], key=spec["model"]["vocab"].get)
        spec["model"]["vocab"] = {token: i for i, token in enumerate(tokens + BYTES)}
        spec["model"] |= {"byte_fallback": True, "fuse_unk": True}
        spec["pre_tokenizer"] = spec["pre_tokenizer"] if cutter else None
        write(folder, f"marked-{name}", tokenizers.Tokenizer.from_str(json.dumps(spec)))


def marks():
    replace = normalizers.Replace(" ", "▁")
    yield "gemma", replace, None
    yield "llama2", normalizers.Sequence([normalizers.Prepend("▁"), replace]), None
    yield "metaspace", None, pre_tokenizers.Metaspace(prepend_scheme="first")


def unigram(folder):
    for scheme in ("always", "never"):
        tokenizer = tokenizers.Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
        trainer = trainers.UnigramTrainer(
            vocab_size=4000, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>",
            initial_alphabet=[chr(c) for c in range(33, 127)], show_progress=False,
        )
        tokenizer.train_from_iterator(corpus(), trainer)
        spec = json.loads(tokenizer.to_str())
        for pair in spec["model"]["vocab"][:3]:
            pair[1] = -1e6  # the reference would find them in text that users write
        spec["model"]["vocab"] += [[byte, -1e6] for byte in BYTES]
        spec["model"]["byte_fallback"] = True
        spec["added_tokens"].append(spec["added_tokens"][0] | {"id": len(spec["model"]["vocab"]), "content": "<tool_call>", "special": False})
        write(folder, f"unigram-{scheme}", tokenizers.Tokenizer.from_str(json.dumps(spec)))


def written(folder):
    for path in sorted(folder.glob("written-*.json")):
        if path.name.endswith(".ids.json"):
            continue
        text = json.dumps(ids(tokenizers.Tokenizer.from_file(str(path))), separators=(",", ":"))
        path.with_suffix(".ids.json").write_text(text + "\n")


CASES = {"bpe": bpe, "marked": marked, "unigram": unigram, "written": written}

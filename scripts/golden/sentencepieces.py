"""SentencePiece's own files, small, and the ids that its library makes with them for awkward strings.

Needs `sentencepiece`. Each case is a `tokenizer.model` trained on the strings, and the ids beside it.
"""

import json
import pathlib
import tempfile

import sentencepiece

from golden import _awkward as awkward
from golden.encoder_tokenizers import RULES, corpus

FOLDER = "Text"


def train(folder, name, **options):
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        (place / "text").write_text("\n".join(corpus()))
        if options.get("normalization_rule_name") is None:
            rules = ["\t".join(" ".join(f"{ord(c):X}" for c in side) for side in rule) for rule in RULES.items()]
            (place / "rules.tsv").write_text("".join(f"{rule}\n" for rule in rules))
            options["normalization_rule_tsv"] = str(place / "rules.tsv")
        sentencepiece.SentencePieceTrainer.train(
            input=str(place / "text"), model_prefix=str(place / "m"), hard_vocab_limit=False, minloglevel=2, num_threads=1, **options
        )
        file = (place / "m.model").read_bytes()
    processor = sentencepiece.SentencePieceProcessor(model_proto=file)
    (folder / f"pieces-{name}.model").write_bytes(file)
    ids = [processor.encode(text) for text in awkward.TEXTS]
    (folder / f"pieces-{name}.json").write_text(json.dumps(ids, separators=(",", ":")) + "\n")


def llama(folder):
    """As Llama 2's: byte pairs, a space before the text, nothing normalised."""
    train(
        folder, "llama", model_type="bpe", vocab_size=1300, character_coverage=0.98, byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True,
    )


def baichuan(folder):
    """As Baichuan 2's: byte pairs, no space before the text, symbols of its own."""
    train(
        folder, "baichuan", model_type="bpe", vocab_size=1300, character_coverage=0.98, byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=False,
        user_defined_symbols=["<tool_call>", "</tool_call>", "▁▁▁▁"], pad_id=3,
    )


def trimmed(folder):
    """A unigram model without tokens for bytes, a table of characters, spaces trimmed."""
    train(folder, "trimmed", model_type="unigram", vocab_size=800, character_coverage=0.98)


CASES = {"llama": llama, "baichuan": baichuan, "trimmed": trimmed}

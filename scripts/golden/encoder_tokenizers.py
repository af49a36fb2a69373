"""Token ids of encoders' tokenizers for awkward strings: WordPiece, and Unigram with SentencePiece's table of characters.

Needs `tokenizers`, `sentencepiece`, `protobuf`. Each file holds a whole small `tokenizer.json`, trained on the strings, and the ids
that the reference library makes with it.
"""

import base64
import json
import pathlib
import tempfile

import sentencepiece
import tokenizers
from sentencepiece import sentencepiece_model_pb2 as sentencepiece_model
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors, trainers

from golden import _awkward as awkward

FOLDER = "Text"
PAIRS = [("what is a swift?", "A swift is a bird."), ("", "x"), ("雨燕", "飞得很快的鸟。"), ("a <mask> b", "[SEP] c")]


def corpus():
    return [text for text in awkward.TEXTS if "\0" not in text]


def write(folder, name, tokenizer):
    tokenizer.encode_special_tokens = False
    text = json.loads(tokenizer.to_str())
    special = [tokenizer.encode(text).ids for text in awkward.TEXTS]
    pairs = [tokenizer.encode(*pair) for pair in PAIRS]
    tokenizer.encode_special_tokens = True
    names = [token["content"] for token in text["added_tokens"]]
    plain = [tokenizer.encode(text, add_special_tokens=False).ids for text in awkward.TEXTS]
    found = {
        "tokenizer": text,
        "special": special,
        "plain": {str(i): ids for i, ids in enumerate(plain) if ids != special[i][1:-1] and not spells(i, names)},
        "pairs": [{"texts": t, "ids": p.ids, "segments": p.type_ids} for t, p in zip(PAIRS, pairs)],
    }
    path = folder / f"tokenizer-encoder-{name}.json"
    path.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n")


def spells(index, names):
    """Whether a text spells a special token, which the reference finds in it even when told not to."""
    return any(name in awkward.TEXTS[index] for name in names)


def word_piece(folder, name, **rules):
    tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**rules)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(corpus(), trainers.WordPieceTrainer(vocab_size=1200, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.decoder = decoders.WordPiece()
    write(folder, name, tokenizer)


def uncased(folder):
    """BERT's: accents stripped, letters made small."""
    word_piece(folder, "uncased")


def cased(folder):
    """Letters and accents as they are."""
    word_piece(folder, "cased", lowercase=False)


RULES = {  # what becomes of characters: single ones, a character of several, nothing
    "Ａ": "A", "Ｌ": "L", "Ｆ": "F", "Ｕ": "U", "ｗ": "w", "ｉ": "i", "ｄ": "d", "ｔ": "t", "ｈ": "h", "　": " ", "\t": " ", "\n": " ",
    "\r": " ", "\u00a0": " ", "\u2003": " ", "ﬁ": "fi", "ﬂ": "fl", "½": "1⁄2", "…": "...", "e\u0301": "é", "\u200b": "",
    "①": "1", "②": "2", "²": "2", "㐀": "x", "ß": "ss", "Ⅳ": "IV", "ª": "a", "\u0001": "", "\u007f": "",
}


def unigram(folder, name, modern):
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        rules = ["\t".join(" ".join(f"{ord(c):X}" for c in side) for side in rule) for rule in RULES.items()]
        (place / "rules.tsv").write_text("".join(f"{rule}\n" for rule in rules))
        (place / "text").write_text("\n".join(corpus()))
        sentencepiece.SentencePieceTrainer.train(
            input=str(place / "text"), model_prefix=str(place / "m"), vocab_size=800, model_type="unigram",
            character_coverage=0.98, normalization_rule_tsv=str(place / "rules.tsv"), hard_vocab_limit=False, minloglevel=2,
        )
        proto = sentencepiece_model.ModelProto.FromString((place / "m.model").read_bytes())
    pieces = [(piece.piece, piece.score) for piece in proto.pieces[3:]]
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + pieces + [("<mask>", 0.0)]
    tokenizer = tokenizers.Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    table = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    space = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    if modern:
        tokenizer.normalizer = normalizers.Sequence([table, normalizers.Replace(Regex(" {2,}"), " ")])
        tokenizer.pre_tokenizer = space
    else:
        tokenizer.normalizer = table
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), space])
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.add_special_tokens([tokenizers.AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.decoder = decoders.Metaspace()
    write(folder, name, tokenizer)


def xlm_roberta(folder):
    """XLM-R's as the Hub's older files have it: cut at white space first."""
    unigram(folder, "xlm-roberta", modern=False)


def xlm_roberta_squeezed(folder):
    """The same as newer files have it: several spaces made one."""
    unigram(folder, "xlm-roberta-squeezed", modern=True)


CASES = {
    "uncased": uncased,
    "cased": cased,
    "xlm-roberta": xlm_roberta,
    "xlm-roberta-squeezed": xlm_roberta_squeezed,
}

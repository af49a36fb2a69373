"""Whole folders of tiny encoders, and the vectors and scores that the reference libraries make of texts with them.

Needs `transformers`, `torch`, `tokenizers`, `safetensors`; run it after `encoder_tokenizers`. A folder is as sentence-transformers lays
it out, whose arithmetic (a mean over tokens, length 1) is written plainly here.
"""

import json

import tokenizers
import torch
from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaForSequenceClassification

from ._networks import SEED
from .encoders import randomise

torch.set_num_threads(1)

FOLDER = "Bundles"
TEXTS = ["What is a swift?", "A swift is a bird that hardly ever lands.", "雨燕是一种飞得很快的鸟。", "x", "😀 naïve café", "haha " * 20]
DOCUMENTS = ["A swift is a bird.", "The quick brown fox jumps over the lazy dog.", "雨燕"]
SHARED = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}


def tokenizer(folder, name):
    text = json.loads((folder.parent / "Text" / f"tokenizer-encoder-{name}.json").read_text())["tokenizer"]
    return text, tokenizers.Tokenizer.from_str(json.dumps(text))


def write(place, model, text, configuration):
    place.mkdir(exist_ok=True)
    model.bfloat16().save_pretrained(place)
    model.float()
    (place / "tokenizer.json").write_text(json.dumps(text, ensure_ascii=False, separators=(",", ":")))
    (place / "tokenizer_config.json").write_text(json.dumps(configuration))


@torch.no_grad()
def bert(folder):
    """A sentence encoder: mean pooling, length 1, at most 64 tokens."""
    text, cut = tokenizer(folder, "uncased")
    torch.manual_seed(SEED)
    config = BertConfig(vocab_size=cut.get_vocab_size(), max_position_embeddings=96, pad_token_id=0, **SHARED)
    model = BertModel(config).eval()
    randomise(model)
    place = folder / "bert"
    write(place, model, text, {"tokenizer_class": "BertTokenizerFast", "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]"})
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    described = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(modules)
    ]
    (place / "modules.json").write_text(json.dumps(described))
    (place / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 64, "do_lower_case": False}))
    (place / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": 32, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
    (place / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    found = []
    for string in TEXTS:
        ids = torch.tensor([cut.encode(string).ids])
        vector = model(ids).last_hidden_state[0].mean(0)
        found.append({"text": string, "tokens": ids.shape[1], "vector": (vector / vector.norm()).tolist()})
    (place / "vectors.json").write_text(json.dumps(found, ensure_ascii=False) + "\n")


@torch.no_grad()
def xlm_roberta(folder):
    """A reranker: one score of a pair."""
    text, cut = tokenizer(folder, "xlm-roberta")
    torch.manual_seed(SEED)
    config = XLMRobertaConfig(
        vocab_size=cut.get_vocab_size(), max_position_embeddings=98, pad_token_id=1, type_vocab_size=1, num_labels=1,
        layer_norm_eps=1e-5, **SHARED,
    )
    model = XLMRobertaForSequenceClassification(config).eval()
    randomise(model)
    place = folder / "xlm-roberta"
    write(place, model, text, {"tokenizer_class": "XLMRobertaTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"})
    pairs = [(TEXTS[0], document) for document in DOCUMENTS]
    scores = [model(torch.tensor([cut.encode(*pair).ids])).logits[0, 0].item() for pair in pairs]
    found = {"query": TEXTS[0], "documents": DOCUMENTS, "scores": scores}
    (place / "scores.json").write_text(json.dumps(found, ensure_ascii=False) + "\n")


CASES = {"bert": bert, "xlm-roberta": xlm_roberta}

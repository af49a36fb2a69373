"""What llama_cpp.py asks, asked again of the reference library with weights dequantised to float32.

llama.cpp rounds activations to eight bits, which moves its perplexity by up to a per cent; this is the truth that both
it and we approach. Needs `transformers`, `torch`, `gguf`, `accelerate`, and what llama_cpp.py needs; run it after that.
"""

import json
import math

import torch
import transformers

from . import llama_cpp

FOLDER = "Models"


def perplexity(folder):
    def scores(model, entry):
        nll = [scored(model, whole, fed) for whole, fed in chunks(folder, entry)]
        return {"perplexity": math.exp(sum(nll) / entry["scored"]), "nll": nll}

    amend(folder / "perplexity.json", scores)


def greedy(folder):
    """The likeliest continuation and by how much each choice won; rounding may change it where that is little."""

    def continued(model, entry):
        prompt = torch.tensor([entry["prompt"]])
        step = model.generate(
            prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=len(entry["continuation"]),
            eos_token_id=None, pad_token_id=0, return_dict_in_generate=True, output_logits=True,
        )  # fmt: skip
        best = torch.cat(step.logits).topk(2).values
        margins = [round(margin, 3) for margin in (best[:, 0] - best[:, 1]).tolist()]
        return {"continuation": step.sequences[0, prompt.shape[1] :].tolist(), "margins": margins}

    amend(folder / "greedy.json", continued)


def amend(path, answer):
    entries = json.loads(path.read_text())["entries"]
    for file in llama_cpp.FILES:
        source = llama_cpp.model(file)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            source.parent, gguf_file=source.name, dtype=torch.float32
        ).eval()
        for entry in entries:
            if entry["file"] == file:
                entry["exact"] = answer(model, entry)
    llama_cpp.write(path, entries)


def chunks(folder, entry):
    """The ids of each chunk, and the same as they are fed: BOS first, if the model wants it."""
    length = entry["context"]
    ids = llama_cpp.ask(entry["file"], "tokens", folder / entry["text"])["ids"]
    for start in range(0, entry["tokens"], length):
        whole = ids[start : start + length]
        yield whole, whole if entry["bos"] is None else [entry["bos"], *whole[1:]]


@torch.no_grad()
def scored(model, whole, fed):
    half = len(whole) // 2
    hidden = model.model(torch.tensor([fed])).last_hidden_state[0, half:-1]
    probabilities = torch.log_softmax(model.lm_head(hidden).double(), -1)
    return -probabilities[torch.arange(len(hidden)), torch.tensor(whole[half + 1 :])].sum().item()


CASES = {"perplexity": perplexity, "greedy": greedy}

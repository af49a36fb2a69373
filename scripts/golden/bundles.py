"""Folders of models and adapters by the reference libraries, and what these compute from folders that we wrote.

Needs `transformers`, `torch`, `peft`, `tokenizers`, `safetensors`; `llama_cpp` needs `xllamacpp`. The networks are those of
Tests/Golden/Models. What we wrote is recorded by `RECORD_SNAPSHOTS=1 ROOMS=Inference swift test --filter Written`.
"""

import hashlib
import json
import os
import pathlib
import shutil
import urllib.request

import torch
import transformers
from safetensors.torch import load_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from ._files import save
from ._patterns import PATTERNS

torch.set_num_threads(1)

TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CORPUS = "the quick brown fox jumps over the lazy dog and then the other dog; what is it that they all want to say? " * 3
LLAMA_MAPS = ["q_proj", "v_proj", "o_proj", "gate_proj", "down_proj"]
ADAPTERS = {
    "lora": ("llama", LLAMA_MAPS, {}),
    "rslora": ("llama", LLAMA_MAPS, {"use_rslora": True}),
    "dora": ("llama", LLAMA_MAPS, {"use_dora": True}),
    "gpt2-dora": ("gpt2", ["c_attn", "c_proj", "c_fc"], {"use_dora": True, "fan_in_fan_out": True}),
}


def golden(name):
    """A network of Tests/Golden/Models, as the reference library makes it."""
    folder = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "Models"
    parts = sorted(folder.glob(f"{name}.[0-9].safetensors")) or [folder / f"{name}.safetensors"]
    weights = {key: value for part in parts for key, value in load_file(part).items()}
    length = int.from_bytes(parts[0].read_bytes()[:8], "little")
    config = json.loads(json.loads(parts[0].read_bytes()[8 : 8 + length])["__metadata__"]["config"])
    kind = transformers.AutoConfig.for_model(**config)
    model = transformers.AutoModelForCausalLM.from_config(kind, attn_implementation="eager")
    missing = model.load_state_dict(weights, strict=False).missing_keys
    assert set(missing) <= {"lm_head.weight"}, missing
    model.tie_weights()
    tokens = load_file(folder / f"{name}.outputs.safetensors")["a.tokens"].long()
    return model.eval(), tokens


def tokenizer():
    """Byte pairs of a few letters: fewer tokens than the networks have rows."""
    made = Tokenizer(models.BPE())
    splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in PATTERNS["qwen2"]]
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [*splits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.ByteLevel()
    special = ["<pad>", "<s>", "</s>", "<|user|>", "<|assistant|>"]
    made.train_from_iterator([CORPUS], trainers.BpeTrainer(vocab_size=90, special_tokens=special, show_progress=False))
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="<pad>", chat_template=TEMPLATE
    )


def folders(folder):
    """A model in one file, in shards, one whose norms lack the one, and one whose matrices map inputs to outputs."""
    for name, shard in {"llama": "1GB", "qwen2": "60KB", "gemma3": "1GB", "gpt2": "1GB", "qwen3": "1GB"}.items():
        model, _ = golden(name)
        model.generation_config.update(do_sample=True, temperature=0.7, top_k=20, top_p=0.8, repetition_penalty=1.05)
        place = empty(folder / name)
        model.bfloat16().save_pretrained(place, max_shard_size=shard)
        tokenizer().save_pretrained(place)


def adapters(folder):
    """Low-rank adapters, and the logits of each over its base."""
    import peft

    found = {}
    _, tokens = golden("llama")
    for name, (base, targets, options) in ADAPTERS.items():
        model, _ = golden(base)
        config = peft.LoraConfig(r=4, lora_alpha=6, target_modules=targets, task_type="CAUSAL_LM", **options)
        torch.manual_seed(20261129)
        adapted = peft.get_peft_model(model, config).eval()
        with torch.no_grad():
            for key, weight in adapted.named_parameters():
                if "lora_B" in key:
                    weight.copy_(torch.randn(weight.shape) * 0.1)
                if "magnitude" in key:
                    weight.mul_(1 + 0.1 * torch.randn(weight.shape))
            found[f"{name}.logits"] = adapted(tokens[None]).logits[0].numpy()
        place = empty(folder / name)
        adapted.peft_config["default"].base_model_name_or_path = f"../{base}"
        adapted.save_pretrained(place)
        (place / "README.md").unlink(missing_ok=True)
    save(folder, "adapters", found | {"tokens": tokens.int().numpy()}, {"versions": f"peft {peft.__version__}"})


def written(folder):
    """What the reference libraries compute from the folders that we wrote."""
    import peft

    found = {}
    for place in sorted(folder.glob("written-*/")):
        name, base = place.name.removeprefix("written-"), place
        if (place / "adapter_config.json").exists():
            base = place / json.loads((place / "adapter_config.json").read_text())["base_model_name_or_path"]
        model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")
        if base != place:
            model = peft.PeftModel.from_pretrained(model, place)
        else:
            texts(transformers.AutoTokenizer.from_pretrained(place), found, name)
        _, tokens = golden("llama")
        with torch.no_grad():
            found[f"{name}.logits"] = model.eval()(tokens[None]).logits[0].numpy()
    versions = f"transformers {transformers.__version__}, torch {torch.__version__}, peft {peft.__version__}"
    save(folder, "written", found | {"tokens": tokens.int().numpy()}, {"versions": versions})


def texts(tokenizer, found, name):
    """A text and a conversation as ids."""
    import numpy

    messages = [{"role": "user", "content": "what is the dog"}]
    chat = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    found[f"{name}.text"] = numpy.array(tokenizer("the lazy dog")["input_ids"], dtype=numpy.int32)
    found[f"{name}.chat"] = numpy.array(tokenizer(chat, add_special_tokens=False)["input_ids"], dtype=numpy.int32)


def llama_cpp(folder):
    """Greedy continuations by llama.cpp of the files that `RECORD_SNAPSHOTS` exported into the folder YUYAN_EXPORTS."""
    import xllamacpp

    found = {}
    for path in sorted(pathlib.Path(os.environ["YUYAN_EXPORTS"]).glob("*.gguf")):
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx, params.n_parallel, params.warmup = 256, 1, False
        params.cpuparams.n_threads = 1
        server = xllamacpp.Server(params)
        _, tokens = golden("llama")
        request = {"prompt": tokens.tolist(), "n_predict": 16, "temperature": 0, "top_k": 1, "ignore_eos": True}
        answer = ask(server.listening_address + "/completion", request | {"return_tokens": True, "cache_prompt": False})
        text = ask(server.listening_address + "/tokenize", {"content": "the lazy dog", "add_special": True})
        found[path.stem] = {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "greedy": answer["tokens"],
            "text": text["tokens"],
        }
    (folder / "llama-cpp.json").write_text(json.dumps(found, indent=1) + "\n")


def ask(address, body):
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))


def empty(place):
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


CASES = {"folders": folders, "adapters": adapters, "written": written, "llama_cpp": llama_cpp}

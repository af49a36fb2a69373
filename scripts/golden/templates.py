"""Conversations rendered by the published chat templates, and small templates rendered by Jinja2.

Needs `transformers`, `jinja2`; the case `sources` also `trl`, `axolotl` (for their template files, no other dependency)
and `gguf`. What each file holds and where the templates come from is told in Tests/Golden/Text/chat/README.md.
"""

import datetime
import json
import os
import pathlib

import jinja2
from transformers.utils import chat_template_utils

from ._chats import CONVERSATIONS
from ._jinja import VARIABLES, CASES as SNIPPETS, parts

FOLDER = "Text"
NOW = datetime.datetime(2024, 7, 26, 12, 0, 0)


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


chat_template_utils.datetime = Clock

TRL = "trl:trl/chat_templates/"
AXOLOTL = "axolotl:axolotl/utils/chat_templates/templates/"
OPENAI, TEXT = {}, {"content": "text"}
# name: (where the template comes from, bos, eos, the form it wants messages in)
FAMILIES = {
    "smollm2": ("SmolLM2-135M-Instruct.Q4_1.gguf", "<|im_start|>", "<|im_end|>", TEXT),
    "qwen2.5-coder": ("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "", "<|im_end|>", TEXT),
    "qwen2.5": (TRL + "qwen2_5.jinja", "", "<|im_end|>", TEXT),
    "qwen3": (TRL + "qwen3.jinja", "", "<|im_end|>", TEXT),
    "qwen3-2507": (TRL + "qwen3_instruct_2507.jinja", "", "<|im_end|>", TEXT),
    "qwen3-vl": (TRL + "qwen3_vl.jinja", "", "<|im_end|>", OPENAI),
    "qwen3-training": (TRL + "qwen3_training.jinja", "", "<|im_end|>", TEXT),
    "qwen3.6": (TRL + "qwen3_6.jinja", "", "<|im_end|>", OPENAI),
    "llama3": (TRL + "llama3.jinja", "<|begin_of_text|>", "<|eot_id|>", TEXT),
    "llama3.1": (TRL + "llama3_1.jinja", "<|begin_of_text|>", "<|eot_id|>", TEXT),
    "llama3.2": (TRL + "llama3_2.jinja", "<|begin_of_text|>", "<|eot_id|>", TEXT),
    "llama4": (AXOLOTL + "llama4.jinja", "<|begin_of_text|>", "<|eot|>", OPENAI),
    "gemma": (TRL + "gemma.jinja", "<bos>", "<eos>", TEXT),
    "gemma3": (TRL + "gemma3.jinja", "<bos>", "<eos>", OPENAI),
    "gemma4": (TRL + "gemma4_v5.jinja", "<bos>", "<eos>", OPENAI),
    "mistral-v1": (AXOLOTL + "mistral_v1.jinja", "<s>", "</s>", OPENAI),
    "mistral-v3": (AXOLOTL + "mistral_v2v3.jinja", "<s>", "</s>", OPENAI),
    "mistral-nemo": (AXOLOTL + "mistral_v3_tekken.jinja", "<s>", "</s>", OPENAI),
    "mistral-v7": (AXOLOTL + "mistral_v7_tekken.jinja", "<s>", "</s>", OPENAI),
    "deepseek-v2": (AXOLOTL + "deepseek_v2.jinja", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", TEXT),
    "deepseek-v3": (TRL + "deepseekv3.jinja", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", TEXT | {"arguments": "text"}),
    "deepseek-r1": (TRL + "deepseek_r1_distill.jinja", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", TEXT | {"arguments": "text"}),
    "phi3": (TRL + "phi3.jinja", "<s>", "<|endoftext|>", TEXT),
    "phi3.5": (TRL + "phi3_5.jinja", "<s>", "<|endoftext|>", TEXT),
    "phi4": (AXOLOTL + "phi_4.jinja", "<|endoftext|>", "<|im_end|>", TEXT),
    "glm4-moe": (TRL + "glm4moe.jinja", "", "<|endoftext|>", OPENAI),
    "gpt-oss": (TRL + "gptoss.jinja", "<|startoftext|>", "<|return|>", TEXT),
    "lfm2": (TRL + "lfm2_v2.jinja", "<|startoftext|>", "<|im_end|>", TEXT),
    "nemotron3": (TRL + "nemotron_3_nano.jinja", "<s>", "<|im_end|>", TEXT),
    "exaone4": (AXOLOTL + "exaone4.jinja", "[BOS]", "[|endofturn|]", TEXT),
    "jamba": (AXOLOTL + "jamba.jinja", "<|startoftext|>", "<|endoftext|>", TEXT),
}


def sources(folder):
    """Copies the templates from the packages and model files that publish them."""
    from importlib.metadata import distribution

    for family, (place, *_) in FAMILIES.items():
        if ":" in place:
            package, path = place.split(":")
            text = pathlib.Path(distribution(package).locate_file(path)).read_text(encoding="utf-8")
        else:
            text = from_gguf(pathlib.Path(os.environ["YUYAN_MODELS"]) / place)
        path = folder / "chat" / f"{family}.jinja"
        path.write_bytes(text.encode())


def from_gguf(path):
    import gguf

    field = gguf.GGUFReader(path).fields["tokenizer.chat_template"]
    return bytes(field.parts[field.data[0]]).decode()


def shaped(message, form):
    """A message of the wire as the family's template wants it."""
    message = dict(message)
    if form.get("content") == "text" and isinstance(message.get("content"), list):
        message["content"] = "\n".join(part["text"] for part in message["content"] if "text" in part)
    if form.get("arguments", "object") == "object" and message.get("tool_calls"):
        message["tool_calls"] = [
            call | {"function": call["function"] | {"arguments": json.loads(call["function"]["arguments"])}}
            for call in message["tool_calls"]
        ]
    if form.get("fills") and message.get("content") is None:
        message["content"] = ""
    return message


def outcome(render):
    try:
        return {"text": render()}
    except jinja2.exceptions.TemplateError as error:
        refused = type(error) is jinja2.exceptions.TemplateError
        return {"refused": str(error)} if refused else {"fails": str(error)}
    except Exception as error:  # whatever Python raises inside an expression
        return {"fails": str(error)}


def render(source, case, form, bos, eos):
    texts, _ = chat_template_utils.render_jinja_template(
        conversations=[[shaped(m, form) for m in case["messages"]]],
        tools=case.get("tools"),
        chat_template=source,
        add_generation_prompt=case.get("prompt", True),
        bos_token=bos,
        eos_token=eos,
        **case.get("extra", {}),
    )
    return texts[0]


def fills(source, form, bos, eos):
    """Whether a call without content must get an empty one: the template fails on none, or prints it."""
    without = outcome(lambda: render(source, CONVERSATIONS["call"], form, bos, eos))
    return "fails" in without or "None" in without.get("text", "")


def conversations(folder):
    (folder / "chat" / "conversations.json").write_text(dump(CONVERSATIONS), encoding="utf-8")
    for family, (_, bos, eos, form) in FAMILIES.items():
        source = (folder / "chat" / f"{family}.jinja").read_bytes().decode()
        form = form | {"fills": fills(source, form, bos, eos)}
        cases = {}
        for name, case in CONVERSATIONS.items():
            cases[name] = outcome(lambda: render(source, case, form, bos, eos))
        data = {"bos": bos, "eos": eos, "cases": cases}
        (folder / "chat" / f"{family}.json").write_text(dump(data), encoding="utf-8")
        counts = [sum(k in c for c in cases.values()) for k in ("text", "refused", "fails")]
        print(f"  {family}: {counts[0]} rendered, {counts[1]} refused, {counts[2]} failed")


def spans(folder):
    """What `apply_chat_template` counts as written by the assistant, of the templates that mark it."""
    found = {}
    for family, (_, bos, eos, form) in FAMILIES.items():
        source = (folder / "chat" / f"{family}.jinja").read_bytes().decode()
        if "endgeneration" not in source:
            continue
        cases = {}
        for name, case in CONVERSATIONS.items():
            try:
                cases[name] = marked(source, case, form | {"fills": fills(source, form, bos, eos)}, bos, eos)
            except Exception as error:  # whatever Python raises inside an expression
                print(f"  {family}, {name}: {error}")
        found[family] = cases
    (folder / "chat" / "spans.json").write_text(dump(found), encoding="utf-8")


def marked(source, case, form, bos, eos):
    texts, indices = chat_template_utils.render_jinja_template(
        conversations=[[shaped(m, form) for m in case["messages"]]],
        tools=case.get("tools"),
        chat_template=source,
        return_assistant_tokens_mask=True,
        add_generation_prompt=False,
        bos_token=bos,
        eos_token=eos,
        **case.get("extra", {}),
    )
    return [texts[0][start:end] for start, end in indices[0]]


def snippet(environment, source):
    return {"source": source} | outcome(lambda: environment.from_string(source).render(**VARIABLES))


def snippets(folder):
    environment = chat_template_utils._compile_jinja_template("").environment
    cases = []
    for line in SNIPPETS:
        case = snippet(environment, line)
        alone = parts(line) if "fails" in case else []
        cases += [snippet(environment, part) for part in alone] if len(alone) > 1 else [case]
    (folder / "chat-jinja.json").write_text(dump({"variables": VARIABLES, "cases": cases}), encoding="utf-8")
    failed = [c["source"] for c in cases if "fails" in c]
    print(f"  {len(cases)} snippets, {len(failed)} fail")


def dump(value):
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


CASES = {"sources": sources, "conversations": conversations, "snippets": snippets, "spans": spans}

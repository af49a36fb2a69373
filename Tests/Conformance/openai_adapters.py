"""Adapters over one model through the asynchronous client: their streams share its batches and are what each is alone.

Against `serve MODEL --adapter one=… --adapter two=… --load-adapters on`.
"""

import asyncio
from pathlib import Path

import openai

from openai_client import async_client_of, client_of
from target import Target, equal, error_object

PROMPTS = ["the dog", "a small bird sings", "the"]


def adapters_are_listed_with_their_parent(target: Target):
    models = {each.id: each for each in client_of(target).models.list().data}
    equal(sorted(models), sorted([target.model, *names(target)]), "models")
    for name in names(target):
        equal(models[name].parent, target.model, "parent")
        equal(client_of(target).models.retrieve(name).id, name)


async def streams_of_two_adapters_and_the_model_share_a_batch(target: Target):
    voices = [target.model, *names(target)]
    async with async_client_of(target) as client:
        alone = {(name, prompt): await spoken(client, name, prompt) for name in voices for prompt in PROMPTS}
        asked = [(name, prompt) for _ in range(4) for prompt in PROMPTS for name in voices]
        together = await asyncio.gather(*(spoken(client, *each) for each in asked))
    for each, text in zip(asked, together):
        equal(text, alone[each], f"{each} in a crowd")
    # A single prompt may be answered alike by two of them; all of them together are not.
    equal(len({tuple(alone[name, prompt] for prompt in PROMPTS) for name in voices}), len(voices), "different voices")


async def spoken(client: openai.AsyncOpenAI, model: str, prompt: str) -> str:
    stream = await client.completions.create(
        model=model, prompt=prompt, max_tokens=24, temperature=0, stream=True, extra_body={"ignore_eos": True}
    )
    return "".join([chunk.choices[0].text async for chunk in stream])


def an_adapter_is_loaded_and_unloaded_as_vllm_does(target: Target):
    first = adapter("one")
    reply = target.post("/v1/load_lora_adapter", {"lora_name": "third", "lora_path": first})
    equal((reply.status, reply.headers.get_content_type()), (200, "text/plain"), reply.body.decode())
    client = client_of(target)
    fields = {"prompt": PROMPTS[0], "max_tokens": 12, "temperature": 0}
    texts = [client.completions.create(model=name, **fields).choices[0].text for name in ("third", names(target)[0])]
    equal(texts[0], texts[1], "the same adapter by another name")
    again = target.post("/v1/load_lora_adapter", {"lora_name": "third", "lora_path": first})
    error_object(again, 400, param="lora_name")
    equal(target.post("/v1/unload_lora_adapter", {"lora_name": "third"}).status, 200)
    error_object(target.post("/v1/unload_lora_adapter", {"lora_name": "third"}), 404, code="adapter_not_found")
    try:
        client.completions.create(model="third", **fields)
    except openai.NotFoundError:
        return
    raise AssertionError("it answers though it was unloaded")


def an_adapter_of_another_model_is_refused(target: Target):
    stranger = adapter("one").rsplit("/", 1)[0] + "/gpt2-dora"
    reply = target.post("/v1/load_lora_adapter", {"lora_name": "stranger", "lora_path": stranger})
    error_object(reply, 400, param="lora_path", code="adapter_refused")
    assert "belongs to another model" in reply.json["error"]["message"], reply.json


def wrong_words_are_refused_by_name(target: Target):
    right = {"lora_name": "fourth", "lora_path": adapter("one")}
    for field in right:
        for wrong in (7, "", None):
            error_object(target.post("/v1/load_lora_adapter", right | {field: wrong}), 400, param=field)
    error_object(target.post("/v1/unload_lora_adapter", {"lora_name": 7}), 400, param="lora_name")


def names(of: Target) -> list[str]:
    return [f"{of.model}:{name}" for name in ("one", "two")]


def adapter(name: str) -> str:
    """Where the tests keep it; the server reads the same disk."""
    folder = {"one": "lora", "two": "dora"}[name]
    return str(Path(__file__).resolve().parent.parent / "Golden" / "Bundles" / folder)

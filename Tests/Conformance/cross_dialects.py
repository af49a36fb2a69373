"""One conversation and one seed: the same tokens through every dialect, whole and streamed, cold and warm."""

import json

from target import Target, equal

SYSTEM = "You are terse."
QUESTION = "Name three colours."
LIMIT = 24
TURNS = [{"role": "user", "content": QUESTION}]


def said_by_chat(target: Target, **options):
    messages = [{"role": "system", "content": SYSTEM}, *TURNS]
    reply = posted(target, "/v1/chat/completions", messages=messages, max_tokens=LIMIT, **options)
    return reply["choices"][0]["message"]["content"], reply["usage"]["completion_tokens"]


def said_by_qianfan(target: Target, **options):
    messages = [{"role": "system", "content": SYSTEM}, *TURNS]
    reply = posted(target, "/v2/chat/completions", messages=messages, max_tokens=LIMIT, penalty_score=1.0, **options)
    return reply["choices"][0]["message"]["content"], reply["usage"]["completion_tokens"]


def said_by_responses(target: Target, **options):
    fields = {"input": TURNS, "instructions": SYSTEM, "max_output_tokens": LIMIT, "store": False}
    reply = posted(target, "/v1/responses", **fields, **options)
    return reply["output"][0]["content"][0]["text"], reply["usage"]["output_tokens"]


def said_by_messages(target: Target, **options):
    reply = posted(target, "/v1/messages", messages=TURNS, system=SYSTEM, max_tokens=LIMIT, **options)
    return reply["content"][0]["text"], reply["usage"]["output_tokens"]


def said_by_ollama(target: Target, **options):
    messages = [{"role": "system", "content": SYSTEM}, *TURNS]
    reply = posted(target, "/api/chat", messages=messages, stream=False, options=options | {"num_predict": LIMIT})
    return reply["message"]["content"], reply["eval_count"]


def said_by_generate(target: Target, **options):
    options = options | {"num_predict": LIMIT}
    reply = posted(target, "/api/generate", prompt=QUESTION, system=SYSTEM, stream=False, options=options)
    return reply["response"], reply["eval_count"]


def said_by_raw(target: Target, **options):
    options = options | {"num_predict": LIMIT}
    reply = posted(target, "/api/generate", prompt=rendered(target), raw=True, stream=False, options=options)
    return reply["response"], reply["eval_count"]


def said_by_completions(target: Target, **options):
    reply = posted(target, "/v1/completions", prompt=rendered(target), max_tokens=LIMIT, **options)
    return reply["choices"][0]["text"], reply["usage"]["completion_tokens"]


DIALECTS = [
    said_by_chat, said_by_qianfan, said_by_responses, said_by_messages, said_by_ollama, said_by_generate, said_by_raw,
    said_by_completions,
]


def posted(target: Target, path: str, **fields):
    reply = target.post(path, {"model": target.model, **fields})
    equal(reply.status, 200, f"status of {path}: {reply.body[:300]!r}")
    return reply.json


def rendered(target: Target, turns=TURNS) -> str:
    """The conversation as the model reads it, special tokens spelt out."""
    return text_of(target, [{"role": "system", "content": SYSTEM}, *turns])


def text_of(target: Target, messages) -> str:
    tokens = posted(target, "/tokenize", messages=messages, add_special_tokens=False, with_pieces=True)["tokens"]
    return "".join(token["piece"] for token in tokens)


def agree(target: Target, **options):
    found = {dialect.__name__: dialect(target, **options) for dialect in DIALECTS}
    first = found["said_by_chat"]
    assert first[0].strip() and first[1] > 3, first
    for name, said in found.items():
        equal(said, first, name)
    return first


def every_dialect_says_the_same_without_chance(target: Target):
    agree(target, temperature=0)


def every_dialect_says_the_same_with_a_seed(target: Target):
    said = [agree(target, temperature=1.0, top_p=0.95, seed=seed) for seed in (1, 2, 3)]
    assert len(set(said)) > 1, "a seed makes no difference"


def every_stream_says_what_the_whole_says(target: Target):
    whole, _ = said_by_chat(target, temperature=1.0, seed=4)
    messages = [{"role": "system", "content": SYSTEM}, *TURNS]
    common = {"model": target.model, "stream": True}
    hot = {"temperature": 1.0, "seed": 4}
    chat = common | hot | {"messages": messages, "max_tokens": LIMIT}
    for path in ("/v1/chat/completions", "/v2/chat/completions"):
        chunks = events(target.post(path, chat).body)
        equal("".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"]), whole, path)
    fields = common | hot | {"messages": TURNS, "system": SYSTEM, "max_tokens": LIMIT}
    deltas = [event["delta"] for event in events(target.post("/v1/messages", fields).body) if event["type"] == "content_block_delta"]
    equal("".join(delta["text"] for delta in deltas), whole, "messages")
    fields = common | hot | {"input": TURNS, "instructions": SYSTEM, "max_output_tokens": LIMIT, "store": False}
    deltas = [e["delta"] for e in events(target.post("/v1/responses", fields).body) if e["type"] == "response.output_text.delta"]
    equal("".join(deltas), whole, "responses")
    fields = common | {"messages": messages, "options": hot | {"num_predict": LIMIT}}
    lines = target.post("/api/chat", fields).body.splitlines()
    equal("".join(json.loads(line)["message"]["content"] for line in lines), whole, "ollama")


def events(body: bytes) -> list[dict]:
    data = [line[6:] for line in body.decode().splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in data if line != "[DONE]"]


def begun_answers_go_on_alike(target: Target):
    """Prefill: in each dialect's own way, or by the text itself."""
    turns = [*TURNS, {"role": "assistant", "content": "Red, green and"}]
    cold = {"temperature": 0, "max_tokens": 8}
    chat = posted(target, "/v1/chat/completions", messages=turns, continue_final_message=True, **cold)
    first = chat["choices"][0]["message"]["content"]
    assert first and not first.startswith("Red, green"), first
    prefixed = [*TURNS, turns[-1] | {"prefix": True}]
    for path in ("/v1/chat/completions", "/v2/chat/completions"):
        equal(posted(target, path, messages=prefixed, **cold)["choices"][0]["message"]["content"], first, path)
    equal(posted(target, "/v1/messages", messages=turns, **cold)["content"][0]["text"], first, "messages")
    options = {"temperature": 0, "num_predict": 8}
    equal(posted(target, "/api/chat", messages=turns, stream=False, options=options)["message"]["content"], first, "ollama")
    text = text_of(target, TURNS) + "Red, green and"
    equal(posted(target, "/v1/completions", prompt=text, **cold)["choices"][0]["text"], first, "completions")


SPELLINGS = ['{"city":"北京","far":1e3}', '{ "city" : "\\u5317\\u4eac", "far": 1000.0 }', '{"city": "北京", "far": 1000.0}']


def past_calls_cost_the_same_in_every_spelling(target: Target):
    """However arguments are spelt, whether a tool says that it is not strict, and in whatever order results come."""
    ways = [(spelling, {}, "ab") for spelling in SPELLINGS] + [(SPELLINGS[0], {"strict": False}, "ab"), (SPELLINGS[0], {}, "ba")]
    spent = [past_calls(target, *way) for way in ways]
    equal(len({tokens for way in spent for tokens in way.values()}), 1, f"prompt tokens: {spent}")


def past_calls(target: Target, spelling: str, strict: dict, order: str) -> dict[str, int]:
    """The tokens of one prompt with two past calls, by the route that was asked."""
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    function = {"name": "weather", "parameters": parameters} | strict
    tools = [{"type": "function", "function": function}]
    made = [{"id": id, "type": "function", "function": {"name": "weather", "arguments": spelling}} for id in "ab"]
    told = [{"role": "tool", "tool_call_id": id, "content": f"sunny in {id}"} for id in order]
    spent = {}
    turns = [*TURNS, {"role": "assistant", "content": None, "tool_calls": made}, *told]
    for path in ("/v1/chat/completions", "/v2/chat/completions"):
        spent[path] = posted(target, path, messages=turns, tools=tools, max_tokens=1)["usage"]["prompt_tokens"]
    objects = [{"function": call["function"] | {"arguments": json.loads(spelling)}, "id": call["id"]} for call in made]
    turns = [*TURNS, {"role": "assistant", "content": None, "tool_calls": objects}, *told]
    once = {"num_predict": 1}
    spent["/api/chat"] = posted(target, "/api/chat", messages=turns, tools=tools, stream=False, options=once)["prompt_eval_count"]
    made = [{"type": "tool_use", "id": id, "name": "weather", "input": json.loads(spelling)} for id in "ab"]
    told = [{"type": "tool_result", "tool_use_id": id, "content": f"sunny in {id}"} for id in order]
    turns = [*TURNS, {"role": "assistant", "content": made}, {"role": "user", "content": told}]
    tools = [{"name": "weather", "input_schema": parameters} | strict]
    usage = posted(target, "/v1/messages", messages=turns, tools=tools, max_tokens=1)["usage"]
    spent["/v1/messages"] = usage["input_tokens"] + (usage.get("cache_read_input_tokens") or 0)
    return spent


def white_space_at_the_end_is_refused_as_anthropic_does(target: Target):
    turns = [*TURNS, {"role": "assistant", "content": "Red, "}]
    reply = target.post("/v1/messages", {"model": target.model, "messages": turns, "max_tokens": 8})
    equal((reply.status, reply.json["error"]["type"]), (400, "invalid_request_error"))
    assert "messages[1].content" in reply.json["error"]["message"], reply.body

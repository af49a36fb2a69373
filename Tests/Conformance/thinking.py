"""What a thinking model thinks, told apart from what it says, in every dialect; against the model that thinker/make.py writes and trains."""

import json
import sys
from pathlib import Path

from target import Target, equal

sys.path.insert(0, str(Path(__file__).parent / "thinker"))
from make import answer, question, thought  # noqa: E402

PAIR = (3, 4)
TURNS = [{"role": "user", "content": question(*PAIR)}]
SAID = (thought(*PAIR), answer(*PAIR))


def fields_of(target: Target, **more):
    return {"model": target.model, "messages": TURNS, "max_tokens": 200, "temperature": 0} | more


def lines(reply):
    return [line for line in reply.body.decode().splitlines() if line]


def events(reply):
    payloads = [line.removeprefix("data: ") for line in lines(reply) if line.startswith("data: ")]
    return [json.loads(payload) for payload in payloads if payload != "[DONE]"]


def chat(target: Target, path="/v1/chat/completions", **more):
    """Thoughts, words and usage."""
    reply = target.post(path, fields_of(target, **more))
    equal(reply.status, 200, f"status of {reply.body[:300]!r}")
    if more.get("stream"):
        deltas = [event["choices"][0]["delta"] for event in events(reply) if event["choices"]]
        return tuple("".join(delta.get(name) or "" for delta in deltas) for name in ("reasoning_content", "content")), None
    message = reply.json["choices"][0]["message"]
    return (message.get("reasoning_content") or "", message["content"]), reply.json["usage"]


def qianfan(target: Target, **more):
    return chat(target, "/v2/chat/completions", **more)


def responses(target: Target, **more):
    fields = fields_of(target, **more)
    fields |= {"input": fields.pop("messages"), "max_output_tokens": fields.pop("max_tokens"), "store": False}
    reply = target.post("/v1/responses", fields)
    equal(reply.status, 200, f"status of {reply.body[:300]!r}")
    if more.get("stream"):
        found = events(reply)
        parts = [
            "".join(event["delta"] for event in found if event["type"].endswith(kind))
            for kind in ("reasoning_text.delta", "output_text.delta")
        ]
        return tuple(parts), found[-1]["response"]["usage"]
    texts = {"reasoning": "", "message": ""}
    for item in reply.json["output"]:
        texts[item["type"]] += "".join(part["text"] for part in item.get("content") or item.get("summary") or [])
    return (texts["reasoning"], texts["message"]), reply.json["usage"]


def anthropic(target: Target, **more):
    reply = target.post("/v1/messages", fields_of(target, **more))
    equal(reply.status, 200, f"status of {reply.body[:300]!r}")
    if more.get("stream"):
        deltas = [event["delta"] for event in events(reply) if event["type"] == "content_block_delta"]
        return tuple("".join(delta.get(name, "") for delta in deltas) for name in ("thinking", "text")), None
    blocks = reply.json["content"]
    return tuple("".join(block.get(name, "") for block in blocks) for name in ("thinking", "text")), reply.json["usage"]


def ollama(target: Target, **more):
    stream = more.pop("stream", False)
    fields = {"model": target.model, "messages": TURNS, "stream": stream, "options": {"num_predict": 200, "temperature": 0}} | more
    reply = target.post("/api/chat", fields)
    equal(reply.status, 200, f"status of {reply.body[:300]!r}")
    messages = [json.loads(line)["message"] for line in lines(reply)]
    return tuple("".join(message.get(name) or "" for message in messages) for name in ("thinking", "content")), None


DIALECTS = [chat, qianfan, responses, anthropic, ollama]


def thoughts_are_told_apart(target: Target):
    for dialect in DIALECTS:
        for stream in (False, True):
            equal(dialect(target, stream=stream)[0], SAID, f"{dialect.__name__}, stream {stream}")


def thinking_can_be_switched_off(target: Target):
    for dialect, off in [
        (chat, {"enable_thinking": False}), (chat, {"reasoning_effort": "none"}),
        (chat, {"chat_template_kwargs": {"enable_thinking": False}}), (qianfan, {"enable_thinking": False}),
        (qianfan, {"thinking": {"type": "disabled"}}), (responses, {"reasoning": {"effort": "none"}}),
        (anthropic, {"thinking": {"type": "disabled"}}), (ollama, {"think": False}),
    ]:
        for stream in (False, True):
            equal(dialect(target, stream=stream, **off)[0], ("", SAID[1]), f"{dialect.__name__}, {off}, stream {stream}")


def effort_is_heeded(target: Target):
    for effort in ("low", "high"):
        for dialect, fields in [
            (chat, {"reasoning_effort": effort}), (qianfan, {"reasoning_effort": effort}), (responses, {"reasoning": {"effort": effort}}),
            (anthropic, {"output_config": {"effort": effort}}), (ollama, {"think": effort}),
        ]:
            for stream in (False, True):
                found = dialect(target, stream=stream, **fields)[0]
                equal(found, (thought(*PAIR, effort), SAID[1]), f"{dialect.__name__}, {effort}, stream {stream}")


def a_budget_ends_thoughts(target: Target):
    """A token of this model is a byte, so a thought has no more bytes than its budget has tokens."""
    for tokens in (1, 6, 1000):
        for dialect, fields in [
            (chat, {"thinking_budget": tokens}), (chat, {"thinking": {"type": "enabled", "budget_tokens": tokens}}),
            (qianfan, {"thinking_budget": tokens}), (responses, {"thinking_budget": tokens}),
        ]:
            for stream in (False, True):
                thoughts, words = dialect(target, stream=stream, **fields)[0]
                what = f"{dialect.__name__}, {fields}, stream {stream}: {thoughts!r} {words!r}"
                assert SAID[0].startswith(thoughts) and len(thoughts) <= tokens and words, what
                assert (thoughts == SAID[0]) == (tokens == 1000), what


def thoughts_are_counted(target: Target):
    for dialect, name, place in [
        (chat, "completion_tokens", "completion_tokens_details"), (responses, "output_tokens", "output_tokens_details"),
    ]:
        usage = dialect(target)[1]
        # The thought, its two line ends and its two marks; a line end or two before the words are nobody's.
        count = usage[place]["reasoning_tokens"]
        assert len(SAID[0]) + 2 <= count <= len(SAID[0]) + 6, usage
        assert usage[name] >= count + len(SAID[1]), usage


def a_form_comes_behind_thoughts(target: Target):
    schema = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"], "additionalProperties": False}
    form = {"type": "json_schema", "json_schema": {"name": "sum", "schema": schema}}
    for stream in (False, True):
        thoughts, words = chat(target, response_format=form, stream=stream)[0]
        equal((thoughts, set(json.loads(words))), (SAID[0], {"sum"}))


def a_form_without_thoughts_has_none(target: Target):
    schema = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"], "additionalProperties": False}
    form = {"response_format": {"type": "json_schema", "json_schema": {"name": "sum", "schema": schema}}}
    named = {"type": "json_schema", "name": "sum", "schema": schema}
    for dialect, fields in [
        (chat, form | {"enable_thinking": False}), (chat, form | {"reasoning_effort": "none"}), (qianfan, form | {"enable_thinking": False}),
        (responses, {"text": {"format": named}, "reasoning": {"effort": "none"}}),
        (anthropic, {"output_config": {"format": {"type": "json_schema", "schema": schema}}, "thinking": {"type": "disabled"}}),
        (ollama, {"format": schema, "think": False}),
    ]:
        for stream in (False, True):
            thoughts, words = dialect(target, stream=stream, **fields)[0]
            equal((thoughts, set(json.loads(words))), ("", {"sum"}), f"{dialect.__name__}, {fields}, stream {stream}")


def stop_strings_are_for_words(target: Target):
    """`are` is in the thought, ` is` in the words."""
    for dialect, fields in [
        (chat, {"stop": ["are", " is"]}), (qianfan, {"stop": ["are", " is"]}), (anthropic, {"stop_sequences": ["are", " is"]}),
        (ollama, {"options": {"num_predict": 200, "temperature": 0, "stop": ["are", " is"]}}),
    ]:
        for stream in (False, True):
            equal(dialect(target, stream=stream, **fields)[0], (SAID[0], "It"), f"{dialect.__name__}, stream {stream}")


def a_limit_within_thoughts_leaves_no_words(target: Target):
    reply = target.post("/v1/chat/completions", fields_of(target, max_tokens=12)).json["choices"][0]
    equal((reply["finish_reason"], reply["message"]["content"] or ""), ("length", ""))
    assert SAID[0].startswith(reply["message"]["reasoning_content"]), reply


def closed_thoughts_go_round(target: Target):
    """As clients do that keep everything themselves: what was thought comes closed, and goes back with the next question."""
    fields = {"model": target.model, "input": TURNS, "max_output_tokens": 200, "temperature": 0, "store": False}
    fields["include"] = ["reasoning.encrypted_content"]
    output = target.post("/v1/responses", fields).json["output"]
    closed = output[0].pop("encrypted_content")
    assert output[0]["type"] == "reasoning" and SAID[0] not in closed, output
    del output[0]["content"]
    again = {"input": [*TURNS, output[0] | {"encrypted_content": closed}, *output[1:], *TURNS]}
    equal(target.post("/v1/responses", fields | again).status, 200)
    again["input"][1]["encrypted_content"] = "A" + closed[1:] if closed[0] != "A" else "B" + closed[1:]
    refusal = target.post("/v1/responses", fields | again)
    equal((refusal.status, refusal.json["error"]["param"]), (400, "input[1].encrypted_content"))

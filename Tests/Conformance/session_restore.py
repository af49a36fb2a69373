"""Another server goes on with what `session_save` kept: the same words, and almost nothing to read."""

import json
import time

from session_save import NAME
from target import Target, equal, error_object


def the_conversation_goes_on_as_if_it_had_not_stopped(target: Target):
    notes = json.loads(target.notes.read_text())
    restored = target.post(f"/v1/sessions/{NAME}/restore", {"model": target.model})
    equal(restored.status, 200, restored.body[:300])
    began = time.monotonic()
    answer = target.chat(messages=notes["turns"], max_tokens=16, temperature=1, seed=11)
    warm = time.monotonic() - began
    equal(answer.json["choices"][0]["message"]["content"], notes["said"])
    usage = answer.json["usage"]
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    assert cached > 0.85 * usage["prompt_tokens"], usage
    print(f"     {cached} of {usage['prompt_tokens']} tokens were there; prompt {answer.json['timings']['prompt_ms']} ms, all {warm:.2f} s")


def what_is_not_there_is_not_found(target: Target):
    equal(target.post("/v1/sessions/nobody/restore", {"model": target.model}).status, 404)
    equal(target.request("DELETE", "/v1/sessions/nobody").status, 404)


def a_wrong_model_is_named(target: Target):
    error_object(target.post(f"/v1/sessions/{NAME}/restore", {"model": 7}), 400, param="model")
    error_object(target.post(f"/v1/sessions/{NAME}/restore", {"model": "nobody"}), 404, param="model")


def a_session_is_deleted(target: Target):
    equal(target.request("DELETE", f"/v1/sessions/{NAME}").json["deleted"], True)
    equal(target.get("/v1/sessions").json["data"], [])

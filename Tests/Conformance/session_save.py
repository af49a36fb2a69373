"""A conversation's cache is saved; `session_restore` goes on with it in another server."""

import json

from target import Target, equal, error_object

STORY = "The swift flies high over the old town, and the people below look up. " * 40
TURNS = [{"role": "user", "content": STORY + "What flies?"}]
NAME = "conformance"


def a_conversation_is_saved(target: Target):
    answer = target.chat(messages=TURNS, max_tokens=16, temperature=0)
    equal(answer.status, 200, answer.body[:300])
    said = answer.json["choices"][0]["message"]["content"]
    turns = [*TURNS, {"role": "assistant", "content": said}]
    saved = target.post(f"/v1/sessions/{NAME}", {"model": target.model, "messages": turns})
    equal(saved.status, 200, saved.body[:300])
    odd = target.post(f"/v1/sessions/{NAME}", {"model": target.model, "messages": turns, "colour": 1})
    equal((odd.status, odd.headers["x-ignored-fields"]), (200, "colour"), odd.body[:300])
    assert saved.json["tokens"] >= answer.json["usage"]["prompt_tokens"] - 16, saved.body
    listed = {entry["id"]: entry for entry in target.get("/v1/sessions").json["data"]}
    equal((listed[NAME]["model"], listed[NAME]["tokens"]), (target.model, saved.json["tokens"]))
    question = [*turns, {"role": "user", "content": "And who looks up?"}]
    went_on = target.chat(messages=question, max_tokens=16, temperature=1, seed=11)
    target.notes.write_text(json.dumps({"turns": question, "said": went_on.json["choices"][0]["message"]["content"]}))


def nothing_is_saved_of_what_nobody_asked(target: Target):
    reply = target.post("/v1/sessions/other", {"model": target.model, "prompt": "Nobody has ever said this to the server, has he?"})
    equal((reply.status, reply.json["error"]["code"]), (400, "nothing_cached"))


def a_text_is_saved(target: Target):
    equal(target.complete(prompt=STORY, temperature=0).status, 200)
    saved = target.post("/v1/sessions/text", {"model": target.model, "prompt": STORY})
    equal(saved.status, 200, saved.body[:300])
    assert 0 < saved.json["tokens"] <= saved.json["total_tokens"], saved.body
    equal(target.request("DELETE", "/v1/sessions/text").status, 200)


def wrong_fields_are_named(target: Target):
    right = {"model": target.model}
    for field, wrong in [("model", 7), ("messages", "x"), ("messages", []), ("prompt", 7), ("prompt", ["x"])]:
        error_object(target.post("/v1/sessions/wrong", right | {field: wrong}), 400)
        assert field in target.post("/v1/sessions/wrong", right | {field: wrong}).json["error"]["param"], field
    error_object(target.post("/v1/sessions/wrong", right | {"messages": TURNS, "prompt": "x"}), 400, param="messages")


def names_are_checked(target: Target):
    for name in ("..%2Fx", "a%20b", "-x"):
        reply = target.post(f"/v1/sessions/{name}", {"model": target.model, "messages": TURNS})
        equal((reply.status, reply.json["error"]["param"]), (400, "name"), name)

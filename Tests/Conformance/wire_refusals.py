"""What a user gets wrong: always OpenAI's error object, the field named, and the server as before."""

from target import HELLO, Target, equal, error_object

CHAT = "/v1/chat/completions"


def an_unknown_path_is_not_found(target: Target):
    for path in ("/v1/nothing", "/nothing", "/v1/"):
        error_object(target.get(path), 404)


def broken_json_is_a_bad_request(target: Target):
    for body in (b"", b"{", b"[]", b"null", b'"text"', b"{'model': 1}", b"\xff\xfe{}", b'{"model":"\xff"}', b"{} {}"):
        error_object(target.post(CHAT, body), 400)


def deep_nesting_is_a_bad_request(target: Target):
    for opening in (b"[", b'{"a":'):
        error_object(target.post(CHAT, b'{"model":"m","messages":' + opening * 100_000), 400)
        error_object(target.post("/tokenize", opening * 100_000), 400)


def a_missing_field_is_named(target: Target):
    error_object(target.post(CHAT, {"model": target.model}), 400, param="messages")
    error_object(target.post("/v1/completions", {"model": target.model}), 400, param="prompt")


def a_wrong_type_is_named(target: Target):
    wrong = {"temperature": "hot", "max_tokens": 1.5, "stop": 7, "n": "two", "stream": "yes", "messages": "hello"}
    for field, value in wrong.items():
        error_object(target.chat(**{field: value}), 400, param=field)


def a_value_out_of_range_is_named(target: Target):
    wrong = {
        "temperature": [-0.1, 2.1, 1e308],
        "top_p": [-1, 1.01],
        "n": [0, -1, 10_000],
        "max_tokens": [-1, 2**62],
        "presence_penalty": [-2.5, 3],
        "frequency_penalty": [-2.5, 3],
        "top_logprobs": [-1, 21],
        "logit_bias": [{"0": 200}, {"x": 1}, {"99999999": 1}],
        "messages": [[]],
    }
    for field, values in wrong.items():
        for value in values:
            extra = {"logprobs": True} if field == "top_logprobs" else {}
            error_object(target.chat(**{field: value} | extra), 400, param=field)


def numbers_that_overflow_are_refused(target: Target):
    for number in (b"1e999", b"-1e999", b"99999999999999999999999999", b"NaN", b"Infinity", b"--1", b"01"):
        body = b'{"model":"%b","messages":[{"role":"user","content":"hi"}],"max_tokens":%b}'
        error_object(target.post(CHAT, body % (target.model.encode(), number)), 400)


def an_unknown_model_is_not_found(target: Target):
    error_object(target.chat(model="no-such-model"), 404, code="model_not_found")
    error_object(target.get("/v1/models/no-such-model"), 404, code="model_not_found")


def an_unknown_role_or_part_is_refused(target: Target):
    equal(target.chat(messages=[{"role": "wizard", "content": "hi"}]).status, 400)
    part = {"type": "image_url", "image_url": {"url": "data:,"}}
    equal(target.chat(messages=[{"role": "user", "content": [part]}]).status, 400)
    equal(target.chat(messages=[{"role": "user"}]).status, 400)


def a_prompt_that_does_not_fit_is_refused_with_its_length(target: Target):
    reply = target.complete(prompt="one two three " * 60_000)
    error_object(reply, 400, code="context_length_exceeded")
    assert any(character.isdigit() for character in reply.json["error"]["message"]), reply.json


def ids_outside_the_vocabulary_are_refused(target: Target):
    for ids in ([-1], [10**9], [2**63], [1.5], [], [[]]):
        equal(target.complete(prompt=ids).status, 400, f"prompt {ids}")
    for ids in ([-1], [10**9]):
        equal(target.post("/detokenize", {"tokens": ids}).status, 400, f"tokens {ids}")


def unicode_of_every_kind_is_accepted(target: Target):
    for text in ("", "\u0000", "\ufeff", "\U0010ffff", "é" * 100, "\r\n\t", "<|im_end|>", "{{ 7*7 }}", "{% raw %}"):
        equal(target.chat(messages=[{"role": "user", "content": text}], max_tokens=1).status, 200, repr(text[:10]))


def the_server_is_as_before(target: Target):
    equal(target.chat(messages=HELLO).status, 200)

"""chat.completions and models through the `openai` client."""

import time

from openai_client import chat, client_of, text_of
from target import HELLO, Target, equal


def models_are_listed_and_retrieved(target: Target):
    client = client_of(target)
    names = [model.id for model in client.models.list()]
    assert target.model in names, names
    equal(client.models.retrieve(target.model).id, target.model)


def an_answer_has_every_field(target: Target):
    answer = chat(target)
    equal((answer.object, answer.model, len(answer.choices)), ("chat.completion", target.model, 1))
    assert answer.id.startswith("chatcmpl-") and abs(answer.created - time.time()) < 120, answer
    equal(answer.choices[0].message.role, "assistant")
    assert text_of(answer) and answer.choices[0].finish_reason in ("stop", "length"), answer
    equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)


def an_answer_knows_its_request_id(target: Target):
    equal(chat(target)._request_id is not None, True, "x-request-id reached the client")
    raw = client_of(target).models.with_raw_response.list()
    assert raw.headers["x-request-id"]


def a_stream_says_what_the_whole_says(target: Target):
    whole = text_of(chat(target, temperature=0))
    chunks = list(chat(target, temperature=0, stream=True))
    equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks), whole)
    equal({chunk.object for chunk in chunks}, {"chat.completion.chunk"})
    assert chunks[-1].choices[0].finish_reason, "no finish reason"


def a_stream_counts_where_asked(target: Target):
    chunks = list(chat(target, stream=True, stream_options={"include_usage": True}))
    equal((chunks[-1].choices, [chunk.usage for chunk in chunks[:-1] if chunk.usage]), ([], []))
    assert chunks[-1].usage.completion_tokens > 0
    assert all(chunk.usage is None for chunk in chat(target, stream=True)), "usage without being asked"


def the_stream_helper_assembles_the_message(target: Target):
    client = client_of(target)
    completions = client.chat.completions if hasattr(client.chat.completions, "stream") else client.beta.chat.completions
    whole = text_of(chat(target, temperature=0))
    fields = {"messages": HELLO, "max_tokens": 16, "temperature": 0, "stop": [whole[8:11]]}
    with completions.stream(model=target.model, **fields) as stream:
        deltas = "".join(event.delta for event in stream if event.type == "content.delta")
        equal(stream.get_final_completion().choices[0].message.content, deltas)


def several_choices_are_numbered(target: Target):
    answer = chat(target, n=3, temperature=1, max_tokens=8)
    equal([choice.index for choice in answer.choices], [0, 1, 2])
    finished = {c.index for chunk in chat(target, n=2, stream=True) for c in chunk.choices if c.finish_reason}
    equal(finished, {0, 1}, "choices that finish in a stream")


def several_greedy_choices_are_the_same(target: Target):
    equal(len({choice.message.content for choice in chat(target, n=3, temperature=0).choices}), 1)


def roles_and_parts_are_understood(target: Target):
    messages = [
        {"role": "system", "content": "You are brief."},
        {"role": "user", "content": [{"type": "text", "text": "My name is "}, {"type": "text", "text": "Ada."}]},
        {"role": "assistant", "content": "Hello Ada."},
        {"role": "user", "content": "What is my name?"},
    ]
    assert text_of(chat(target, messages=messages, temperature=0))
    messages[0] = {"role": "developer", "content": "You are brief."}
    assert text_of(chat(target, messages=messages, temperature=0))


def chinese_goes_there_and_back(target: Target):
    messages = [{"role": "user", "content": "你好！请用中文介绍一下北京。🙂"}]
    whole = text_of(chat(target, messages=messages, temperature=0, max_tokens=40))
    chunks = chat(target, messages=messages, temperature=0, max_tokens=40, stream=True)
    equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks), whole)


def a_prompt_seen_before_is_not_computed_again(target: Target):
    words = " ".join(f"word{number}" for number in range(150))
    messages = [{"role": "user", "content": f"Remember: {words}"}]
    first, second = (chat(target, messages=messages, temperature=0, max_tokens=4) for _ in range(2))
    cached = second.usage.prompt_tokens_details.cached_tokens
    assert cached >= first.usage.prompt_tokens // 2, f"{cached} of {first.usage.prompt_tokens} prompt tokens were reused"
    equal(text_of(second), text_of(first), "the answer with and without reuse")


def fields_beyond_openai_are_taken(target: Target):
    assert text_of(chat(target, extra_body={"top_k": 20, "min_p": 0.05, "repetition_penalty": 1.1}))


def fields_without_effect_are_taken(target: Target):
    assert text_of(chat(target, user="someone", metadata={"a": "b"}, store=False, service_tier="auto"))

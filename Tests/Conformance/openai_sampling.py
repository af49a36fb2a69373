"""Sampling as the API promises it: limits, seeds, stops, penalties, biases and log-probabilities."""

from openai_client import chat, text_of
from target import Target, equal


def a_limit_is_kept(target: Target):
    for field in ("max_tokens", "max_completion_tokens"):
        answer = chat(target, temperature=0, **{"max_tokens": None, field: 5})
        equal((answer.usage.completion_tokens, answer.choices[0].finish_reason), (5, "length"), field)


def a_seed_repeats(target: Target):
    texts = [text_of(chat(target, temperature=1, seed=seed, max_tokens=24)) for seed in (7, 7, 8, 9, 10)]
    equal(texts[0], texts[1], "the same seed")
    assert len(set(texts)) > 2, f"different seeds say the same: {texts[0]!r}"


def a_choice_does_not_depend_on_the_others(target: Target):
    alone = chat(target, temperature=1, seed=11, max_tokens=12, n=1).choices[0].message.content
    equal(chat(target, temperature=1, seed=11, max_tokens=12, n=3).choices[0].message.content, alone)


def a_stop_is_found_and_never_leaks(target: Target):
    whole = text_of(chat(target, temperature=0, max_tokens=32))
    for start, length in ((3, 2), (5, 6), (len(whole) // 2, 4)):
        stop = whole[start : start + length]
        expected = whole[: whole.index(stop)]
        answer = chat(target, temperature=0, max_tokens=32, stop=[stop])
        equal((text_of(answer) or "", answer.choices[0].finish_reason), (expected, "stop"), f"stop {stop!r}")
        chunks = chat(target, temperature=0, max_tokens=32, stop=stop, stream=True)
        equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks), expected, f"streamed, stop {stop!r}")


def a_stop_that_never_comes_changes_nothing(target: Target):
    plain = text_of(chat(target, temperature=0, max_tokens=24))
    equal(text_of(chat(target, temperature=0, max_tokens=24, stop=["\u0001never", plain + "!"])), plain)


def log_probabilities_explain_the_text(target: Target):
    answer = chat(target, temperature=0, logprobs=True, top_logprobs=3)
    tokens = answer.choices[0].logprobs.content
    equal(len(tokens), answer.usage.completion_tokens, "one entry a token")
    said = b"".join(bytes(token.bytes) for token in tokens).decode(errors="replace")
    assert said.startswith(text_of(answer)), f"bytes say {said!r}, text says {text_of(answer)!r}"
    for token in tokens:
        equal(len(token.top_logprobs), 3)
        scores = [top.logprob for top in token.top_logprobs]
        assert scores == sorted(scores, reverse=True) and token.logprob <= 0, token
        equal(token.logprob, scores[0], "greedy takes the best")


def log_probabilities_come_in_streams_too(target: Target):
    whole = chat(target, temperature=0, logprobs=True, top_logprobs=1).choices[0].logprobs.content
    chunks = chat(target, temperature=0, logprobs=True, top_logprobs=1, stream=True)
    choices = [choice for chunk in chunks for choice in chunk.choices]
    streamed = [token for choice in choices if choice.logprobs for token in choice.logprobs.content or []]
    equal([(t.token, t.logprob) for t in streamed], [(t.token, t.logprob) for t in whole])


def log_probabilities_only_where_asked(target: Target):
    equal(chat(target).choices[0].logprobs, None)
    equal(chat(target, logprobs=True).choices[0].logprobs.content[0].top_logprobs, [])


def a_bias_forbids_and_forces(target: Target):
    first = chat(target, temperature=0, logprobs=True, max_tokens=1).choices[0].logprobs.content[0].token
    banned = target.tokenize(first)
    other = chat(target, temperature=0, logprobs=True, max_tokens=1, logit_bias={str(banned[0]): -100})
    assert other.choices[0].logprobs.content[0].token != first, f"{first!r} was forbidden"
    forced = target.tokenize(" banana")
    answer = chat(target, temperature=0, max_tokens=3, logit_bias={str(forced[0]): 100})
    piece = target.post("/detokenize", {"tokens": forced[:1]}).json["prompt"]
    equal(text_of(answer).strip(), (piece * 3).strip(), "forced")


def a_penalty_changes_the_text(target: Target):
    messages = [{"role": "user", "content": "Write the word echo again and again: echo echo echo echo echo echo"}]
    plain = text_of(chat(target, messages=messages, temperature=0, max_tokens=40))
    for fields in ({"frequency_penalty": 2}, {"presence_penalty": 2}, {"extra_body": {"repetition_penalty": 2}}):
        answer = text_of(chat(target, messages=messages, temperature=0, max_tokens=40, **fields))
        assert answer != plain, f"{fields} changes nothing in {plain!r}"


def the_surest_sampling_is_greedy(target: Target):
    greedy = text_of(chat(target, temperature=0))
    equal(text_of(chat(target, temperature=1, top_p=0.000001)), greedy, "top_p near 0")
    equal(text_of(chat(target, temperature=1, extra_body={"top_k": 1})), greedy, "top_k 1")
    equal(text_of(chat(target, temperature=1, extra_body={"min_p": 1})), greedy, "min_p 1")

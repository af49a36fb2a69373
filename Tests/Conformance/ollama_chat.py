"""Ollama's API through the `ollama` client."""

import ollama

from target import HELLO, Target, equal

OPTIONS = {"num_predict": 8, "temperature": 0}


def client_of(target: Target, **options) -> ollama.Client:
    return ollama.Client(host=target.base, **options)


def text_of(answer) -> str:
    return answer.message.content


def models_are_listed_and_shown(target: Target):
    client = client_of(target)
    assert target.model in [model.model for model in client.list().models]
    assert target.model in [model.model for model in client.ps().models]
    assert "completion" in client.show(target.model).capabilities


def an_answer_has_its_counts(target: Target):
    answer = client_of(target).chat(target.model, HELLO, options=OPTIONS)
    assert text_of(answer) and answer.done and answer.done_reason == "length", answer
    equal(answer.eval_count, 8)
    assert answer.prompt_eval_count > 0 and answer.total_duration >= answer.eval_duration > 0, answer


def a_stream_says_what_the_whole_says(target: Target):
    whole = text_of(client_of(target).chat(target.model, HELLO, options=OPTIONS))
    lines = list(client_of(target).chat(target.model, HELLO, options=OPTIONS, stream=True))
    equal("".join(text_of(line) for line in lines), whole)
    equal([line.done for line in lines], [False] * (len(lines) - 1) + [True])


def it_says_what_openai_says(target: Target):
    """One engine, several dialects: the same words for the same question."""
    words = target.chat(temperature=0).json["choices"][0]["message"]["content"]
    equal(text_of(client_of(target).chat(target.model, HELLO, options=OPTIONS)), words)
    question = HELLO[0]["content"]
    equal(client_of(target).generate(target.model, question, options=OPTIONS).response, words)


def a_raw_prompt_goes_on(target: Target):
    words = target.complete(prompt="One, two,", temperature=0).json["choices"][0]["text"]
    equal(client_of(target).generate(target.model, "One, two,", raw=True, options=OPTIONS).response, words)


def the_latest_tag_is_understood(target: Target):
    assert text_of(client_of(target).chat(target.model + ":latest", HELLO, options=OPTIONS))


def nothing_to_say_loads(target: Target):
    equal(client_of(target).generate(target.model, "").done_reason, "load")


def refusals_reach_the_client(target: Target):
    for model, status in [("nobody", 404), (target.model, 400)]:
        try:
            client_of(target).chat(model, HELLO, format={"not": {}})
        except ollama.ResponseError as error:
            equal(error.status_code, status)
            assert "nobody" in error.error or "'format'" in error.error, error.error
        else:
            raise AssertionError("it was not refused")

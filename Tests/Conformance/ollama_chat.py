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
    answer = client_of(target).generate(target.model, "")
    equal(answer.done_reason, "load")
    assert answer.total_duration >= answer.load_duration >= 0, answer


def durations_add_up(target: Target):
    answer = client_of(target).chat(target.model, HELLO, options=OPTIONS)
    parts = answer.load_duration + answer.prompt_eval_duration + answer.eval_duration
    assert answer.total_duration >= parts > 0, answer


def details_are_all_there(target: Target):
    client = client_of(target)
    (listed,) = [model for model in client.list().models if model.model == target.model]
    for details in (listed.details, client.show(target.model).details):
        assert details.format and details.family and details.families == [details.family], details
        assert details.parameter_size[-1] in "MB" and details.quantization_level, details


def a_conversation_goes_on_by_its_tokens(target: Target):
    """What `context` brings is what the messages of a chat would."""
    client = client_of(target)
    first = client.generate(target.model, "My name is Wren.", options=OPTIONS)
    second = client.generate(target.model, "What is my name?", context=first.context, options=OPTIONS)
    said = [("user", "My name is Wren."), ("assistant", first.response), ("user", "What is my name?")]
    turns = [{"role": role, "content": content} for role, content in said]
    equal(second.response, text_of(client.chat(target.model, turns, options=OPTIONS)))
    assert list(second.context[: len(first.context)]) == list(first.context), "it does not go on"


def another_template_is_used(target: Target):
    client = client_of(target)
    template = "{% for message in messages %}{{ message.content }}{% endfor %}"
    other = client.generate(target.model, "One, two,", template=template, options=OPTIONS)
    equal(other.response, client.generate(target.model, "One, two,", raw=True, options=OPTIONS).response)
    for template, word in [("{{ .Prompt }}", "'template'"), ("{% if %}", "'template'")]:
        try:
            client.generate(target.model, "Hi", template=template)
        except ollama.ResponseError as error:
            assert word in error.error, error.error
        else:
            raise AssertionError(f"{template} was taken")


def a_prompt_as_it_is_is_all_there_is(target: Target):
    for fields in ({"system": "Be"}, {"context": [1, 2]}, {"template": "{{ messages }}"}):
        try:
            client_of(target).generate(target.model, "Hi", raw=True, **fields)
        except ollama.ResponseError as error:
            assert f"'{next(iter(fields))}'" in error.error, error.error
        else:
            raise AssertionError(f"{fields} was taken")


def refusals_reach_the_client(target: Target):
    for model, status in [("nobody", 404), (target.model, 400)]:
        try:
            client_of(target).chat(model, HELLO, format={"not": {}})
        except ollama.ResponseError as error:
            equal(error.status_code, status)
            assert "nobody" in error.error or "'format'" in error.error, error.error
        else:
            raise AssertionError("it was not refused")

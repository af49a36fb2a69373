"""The client as everyone makes it: a base URL, a key, nothing else."""

import openai

from target import HELLO, Target


def client_of(target: Target, **options) -> openai.OpenAI:
    return openai.OpenAI(base_url=target.base + "/v1", api_key="not-needed", max_retries=0, timeout=300, **options)


def async_client_of(target: Target) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=target.base + "/v1", api_key="not-needed", max_retries=0, timeout=300)


def chat(target: Target, **fields):
    defaults = {"model": target.model, "messages": HELLO, "max_tokens": 16}
    return client_of(target).chat.completions.create(**defaults | fields)


def text_of(completion) -> str:
    return completion.choices[0].message.content


def complete(target: Target, **fields):
    return client_of(target).completions.create(**{"model": target.model, "max_tokens": 16} | fields)


def refused(call) -> openai.APIStatusError:
    """The error that a call is answered with."""
    try:
        call()
    except openai.APIStatusError as error:
        return error
    raise AssertionError("accepted")

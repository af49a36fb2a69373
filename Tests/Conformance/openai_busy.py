"""A server that computes one request and lets two wait: whoever comes then is told to come back, and can."""

import concurrent.futures

import openai

from openai_client import client_of, complete
from target import HELLO, Target
from wire_stream import settled


def a_flood_is_told_to_wait(target: Target):
    """Each gets an answer, or a RateLimitError that says when to come back; nobody is dropped."""

    def one(number: int):
        try:
            complete(target, prompt=f"Number {number}", max_tokens=32)
            return "served"
        except openai.RateLimitError as error:
            assert int(error.response.headers["retry-after"]) >= 1, error.response.headers
            assert error.type == "rate_limit_error", error.body
            return "told to wait"

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        outcomes = list(pool.map(one, range(96)))
    assert {"served", "told to wait"} == set(outcomes), f"all were {set(outcomes)}"


def what_was_refused_holds_nothing(target: Target):
    settled(target)


def a_client_that_retries_gets_through(target: Target):
    def one(_):
        client = client_of(target).with_options(max_retries=20)
        return client.chat.completions.create(model=target.model, messages=HELLO, max_tokens=4).choices

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert all(pool.map(one, range(6)))

"""A server that computes one request and lets two wait: whoever comes then is told to come back, and can."""

import concurrent.futures

import openai

from openai_client import client_of, complete
from target import HELLO, Target
from wire_stream import eventually, opened, settled


def who_comes_to_a_full_house_is_told_to_wait(target: Target):
    """One long request runs and two wait; the next one is refused, and told when to come back."""
    streams = []
    try:
        for number in range(3):
            streams.append(opened(target, max_tokens=4000, ignore_eos=True))
            eventually(target, lambda figures: requests(figures) == number + 1, f"busy with {number + 1}")
        refused_with_advice(lambda: complete(target, prompt="One too many", max_tokens=4))
    finally:
        for stream in streams:
            stream.close()
    settled(target)


def requests(figures: dict[str, float]) -> float:
    return sum(value for name, value in figures.items() if "requests_" in name)


def refused_with_advice(call):
    try:
        call()
    except openai.RateLimitError as error:
        assert int(error.response.headers["retry-after"]) >= 1, error.response.headers
        assert error.type == "rate_limit_error", error.body
        return
    raise AssertionError("accepted")


def a_flood_is_told_to_wait(target: Target):
    """Each gets an answer or a RateLimitError, and some an answer; nobody is dropped."""

    def one(number: int):
        try:
            complete(target, prompt=f"Number {number}", max_tokens=32)
            return True
        except openai.RateLimitError:
            return False

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        assert any(pool.map(one, range(96))), "nobody was served"


def what_was_refused_holds_nothing(target: Target):
    settled(target)


def a_client_that_retries_gets_through(target: Target):
    def one(_):
        client = client_of(target).with_options(max_retries=60)
        return client.chat.completions.create(model=target.model, messages=HELLO, max_tokens=4).choices

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert all(pool.map(one, range(6)))

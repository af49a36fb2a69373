"""Refusals reach a program as the exception that OpenAI's own would be, with the field at fault."""

import openai

from openai_client import chat, client_of, refused
from target import Target, equal


def a_bad_value_is_a_bad_request(target: Target):
    for field, value in (("temperature", 5), ("top_p", 2), ("n", 0), ("presence_penalty", 9)):
        error = refused(lambda: chat(target, **{field: value}))
        assert isinstance(error, openai.BadRequestError), error
        equal((error.param, error.type), (field, "invalid_request_error"))


def an_unknown_model_is_not_found(target: Target):
    error = refused(lambda: chat(target, model="no-such-model"))
    assert isinstance(error, openai.NotFoundError), error
    equal(error.code, "model_not_found")
    error = refused(lambda: client_of(target).models.retrieve("no-such-model"))
    assert isinstance(error, openai.NotFoundError), error


def a_prompt_that_does_not_fit_is_a_bad_request(target: Target):
    error = refused(lambda: chat(target, messages=[{"role": "user", "content": "one two three " * 60_000}]))
    assert isinstance(error, openai.BadRequestError), error
    equal(error.code, "context_length_exceeded")


def a_refused_stream_raises_before_the_first_event(target: Target):
    error = refused(lambda: list(chat(target, stream=True, temperature=5)))
    assert isinstance(error, openai.BadRequestError), error


def an_error_knows_its_request_id(target: Target):
    assert refused(lambda: chat(target, temperature=5)).request_id


def a_path_we_do_not_serve_is_not_found(target: Target):
    error = refused(lambda: client_of(target).images.generate(prompt="a cat", model="x"))
    assert isinstance(error, openai.NotFoundError), error


def logprobs_must_be_asked_for_before_their_top(target: Target):
    equal(refused(lambda: chat(target, top_logprobs=2)).param, "top_logprobs")

"""Vectors through the `ollama` client."""

import math

import ollama

from ollama_chat import client_of
from target import Target, equal


def vectors_are_openais(target: Target):
    texts = ["A bird sings.", "The market fell."]
    answer = client_of(target).embed(target.model, texts)
    reply = target.post("/v1/embeddings", {"model": target.model, "input": texts}).json
    equal(len(answer.embeddings), 2)
    for found, expected in zip(answer.embeddings, reply["data"]):
        assert all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(found, expected["embedding"])), "another vector"
    equal(answer.prompt_eval_count, reply["usage"]["prompt_tokens"])
    old = client_of(target).embeddings(target.model, texts[0])
    equal(list(old.embedding), list(answer.embeddings[0]))


def vectors_are_shortened_and_cut_on_demand(target: Target):
    client = client_of(target)
    short = client.embed(target.model, "A bird sings.", dimensions=8).embeddings[0]
    equal((len(short), round(math.fsum(value * value for value in short), 3)), (8, 1.0))
    long = "bird " * 5000
    try:
        client.embed(target.model, long, truncate=False)
    except ollama.ResponseError as error:
        equal(error.status_code, 400)
        assert "truncate" in error.error, error.error
    else:
        raise AssertionError("it was cut")
    for asked in (None, True):
        equal(len(client.embed(target.model, long, truncate=asked).embeddings), 1)


def lists_tell_of_models_that_make_vectors(target: Target):
    client = client_of(target)
    shown = client.show(target.model)
    equal(shown.capabilities, ["embedding"])
    length = len(client.embed(target.model, "A bird sings.").embeddings[0])
    equal([value for key, value in shown.modelinfo.items() if key.endswith(".embedding_length")], [length])
    for listed in (client.list().models, client.ps().models):
        (own,) = (each for each in listed if each.model == target.model)
        assert len(own.digest) == 64 and own.size > 0 and own.details.family, own
    modified = next(each.modified_at for each in client.list().models if each.model == target.model)
    equal(modified, shown.modified_at)

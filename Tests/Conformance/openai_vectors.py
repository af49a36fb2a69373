"""Vectors through the OpenAI client, and reranking as Jina's and Cohere's clients send it."""

import base64
import math
import struct

from openai_client import client_of, refused
from target import Target, equal

TEXTS = ["What is a swift?", "A swift is a bird.", "雨燕"]


def embed(target: Target, **fields):
    return client_of(target).embeddings.create(**{"model": target.model, "input": TEXTS} | fields)


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def texts_become_vectors(target: Target):
    answer = embed(target)  # the client asks for base64 and turns it into floats by itself
    equal([item.index for item in answer.data], [0, 1, 2])
    equal((answer.object, answer.data[0].object, answer.model), ("list", "embedding", target.model))
    assert all(abs(sum(x * x for x in item.embedding) - 1) < 1e-3 for item in answer.data), "lengths"
    assert answer.usage.prompt_tokens == answer.usage.total_tokens > 0, answer.usage


def floats_and_base64_are_the_same(target: Target):
    floats = embed(target, encoding_format="float").data[0].embedding
    text = target.post("/v1/embeddings", {"model": target.model, "input": TEXTS[0], "encoding_format": "base64"})
    packed = base64.b64decode(text.json["data"][0]["embedding"])
    values = struct.unpack(f"<{len(packed) // 4}f", packed)
    assert all(abs(a - b) < 1e-6 for a, b in zip(floats, values)) and len(floats) == len(values), "floats"


def a_text_and_its_ids_are_the_same(target: Target):
    alone = embed(target, input=TEXTS[0], encoding_format="float").data[0].embedding
    equal(embed(target, input=TEXTS, encoding_format="float").data[0].embedding, alone, "in a crowd")


def shorter_vectors_are_beginnings(target: Target):
    whole = embed(target, input=TEXTS[0], encoding_format="float").data[0].embedding
    short = embed(target, input=TEXTS[0], encoding_format="float", dimensions=8).data[0].embedding
    assert len(short) == 8 and abs(cosine(short, whole[:8]) - 1) < 1e-5, short


def wrong_requests_are_refused_by_name(target: Target):
    for fields, param in [({"input": []}, "input"), ({"input": ""}, "input"), ({"dimensions": 100_000}, "dimensions")]:
        error = refused(lambda: embed(target, **fields))
        equal((error.status_code, error.body["param"]), (400, param))
    equal(refused(lambda: embed(target, model="nobody")).status_code, 404)


def too_long_a_text_is_told_with_its_count(target: Target):
    error = refused(lambda: embed(target, input="swift " * 20_000))
    equal((error.status_code, error.body["code"]), (400, "context_length_exceeded"))
    error = refused(lambda: embed(target, input=["swift", "swift " * 20_000]))
    equal((error.status_code, error.body["param"]), (400, "input[1]"), "which one")


def documents_are_ordered(target: Target):
    fields = {"query": TEXTS[0], "documents": TEXTS, "top_n": 2, "return_documents": True}
    for path in ("/v1/rerank", "/v2/rerank", "/rerank"):
        results = target.post(path, fields).json["results"]
        equal(len(results), 2)
        assert results[0]["relevance_score"] >= results[1]["relevance_score"], results
        equal([result["document"]["text"] for result in results], [TEXTS[result["index"]] for result in results])


def documents_are_cut_where_that_is_asked_for(target: Target):
    fields = {"query": TEXTS[0], "documents": ["swift", "swift " * 20_000]}
    for path in ("/v1/rerank", "/v2/rerank", "/rerank"):
        reply = target.post(path, fields)
        equal((reply.status, reply.json["error"]["param"]), (400, "documents[1]"))
        reply = target.post(path, fields | {"max_tokens_per_doc": 16})
        equal((reply.status, reply.headers["x-truncated-fields"]), (200, "documents[1]"), path)


def a_model_of_vectors_does_not_talk(target: Target):
    fields = {"model": target.model, "messages": [{"role": "user", "content": "hello"}]}
    assert target.post("/v1/chat/completions", fields).status in (400, 404), "talked"
    reply = target.post("/tokenize", {"model": target.model, "prompt": "hello"})
    equal((reply.status, reply.json["error"]["code"]), (400, "unsupported_model"), "tokenized")

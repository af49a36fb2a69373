"""The same bits whatever the number of threads: likelihoods to the last digit, and greedy answers."""

import http.client
import json

from command import PATIENCE, Command
from serve_ends import announced, served

COUNTS = (1, 2, 3, 5)
BASE = """
model:
  new: {model_type: llama, hidden_size: 128, intermediate_size: 384, num_hidden_layers: 2, num_attention_heads: 4,
        num_key_value_heads: 2}
  tokenizer: {type: bpe, size: 400}
data: {train: lines.jsonl, validation_share: 0}
batch: {tokens: 512, context: 512, precision: float32}
steps: 4
"""
TEXT = " ".join(f"line {number * number} of a text that goes on and on, {number} times." for number in range(40))


def likelihoods_and_answers_are_the_same_with_any_number_of_threads(yuyan: Command):
    yuyan.need_model()
    same_with_all(yuyan, yuyan.model)


def so_are_those_of_float_and_four_bit_weights(yuyan: Command):
    made = small(yuyan)
    for model in (made, quantised(yuyan, made)):
        same_with_all(yuyan, model)
        measured = [yuyan.run("perplexity", model, yuyan.home / "text.txt", "--json", "--threads", n) for n in COUNTS]
        assert all(each.returncode == 0 for each in measured), measured
        assert len({each.stdout for each in measured}) == 1, [each.stdout for each in measured]
        assert json.loads(measured[0].stdout)["tokens"] > 100, measured[0]


def what_is_learnt_is_the_same_too(yuyan: Command):
    losses = []
    for count in COUNTS:
        folder = prepared(yuyan, f"with{count}")
        environment = yuyan.environment(YUYAN_THREADS=str(count))
        trained = yuyan.run("train", folder / f"with{count}.yaml", env=environment)
        assert trained.returncode == 0, trained
        measured = yuyan.run("perplexity", f"with{count}", yuyan.home / "text.txt", "--json")
        assert measured.returncode == 0, measured
        losses.append(json.loads(measured.stdout)["natsPerToken"])
    assert len(set(losses)) == 1, losses


def same_with_all(yuyan: Command, model):
    found = {count: answers(yuyan, model, count) for count in COUNTS}
    first = found[COUNTS[0]]
    assert all(len(set(likelihoods)) > 8 for _, likelihoods in first), first
    for count in COUNTS[1:]:
        assert found[count] == first, f"{model}: {count} threads say otherwise: {differences(first, found[count])}"


def answers(yuyan: Command, model, threads: int):
    """Text, and the likelihoods of prompt and answer as they are written, of a short and of a long prompt."""
    flags = ["--port", 0, "--threads", threads, "--cache-tokens", 2048]
    with yuyan.start("serve", model, *flags) as process:
        port = announced(process)
        return [answer(port, prompt) for prompt in ("Once upon a time", TEXT[:700])]


def answer(port: int, prompt: str):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        body = {"model": served(port), "prompt": prompt, "echo": True, "logprobs": 3, "max_tokens": 24}
        body |= {"temperature": 0, "ignore_eos": True}
        connection.request("POST", "/v1/completions", json.dumps(body), {"content-type": "application/json"})
        response = connection.getresponse()
        read = response.read().decode()
        assert response.status == 200, read
        (choice,) = json.loads(read, parse_float=str)["choices"]
        return choice["text"], choice["logprobs"]["token_logprobs"]
    finally:
        connection.close()


def differences(one, other):
    pairs = [(a, b) for (_, left), (_, right) in zip(one, other) for a, b in zip(left, right) if a != b]
    return f"{len(pairs)} likelihoods, the first {pairs[:1]}; texts {[text for text, _ in one]}, {[text for text, _ in other]}"


def prepared(yuyan: Command, name: str):
    folder = yuyan.home / "texts"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(BASE)
    (folder / "lines.jsonl").write_text("".join(json.dumps({"text": line}) + "\n" for line in TEXT.split(". ")))
    (yuyan.home / "text.txt").write_text(TEXT)
    return folder


def small(yuyan: Command):
    """A model of floats, made here."""
    folder = prepared(yuyan, "made")
    trained = yuyan.run("train", folder / "made.yaml")
    assert trained.returncode == 0, trained
    target = yuyan.home / "made.gguf"
    converted = yuyan.run("convert", "made", target)
    assert converted.returncode == 0, converted
    return target


def quantised(yuyan: Command, made):
    target = yuyan.home / "four.gguf"
    result = yuyan.run("quantize", made, target, "--type", "q4_0")
    assert result.returncode == 0, result
    return target

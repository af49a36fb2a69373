"""Ollama's ways of bringing, making and deleting models, through the `ollama` client; the server's store is one for this test."""

import time

import ollama

from ollama_chat import OPTIONS, client_of, text_of
from target import HELLO, Target, equal

CHILD = "checks/parrot:v1"


def names(target: Target, *_) -> list[str]:
    return [model.model for model in client_of(target).list().models]


def what_is_there_is_pulled_at_once(target: Target):
    lines = list(client_of(target).pull(target.model, stream=True))
    equal((lines[0].status, lines[-1].status), ("pulling manifest", "success"))
    equal(client_of(target).pull(target.model).status, "success")


def what_nobody_knows_is_not_pulled(target: Target):
    for name in ("no-such-model", "/etc/hostname", "file:///etc/hostname"):
        refused(lambda: client_of(target).pull(name), 404, name)


def a_model_is_made_of_another(target: Target):
    client = client_of(target)
    parameters = {"temperature": 0, "num_predict": 5, "stop": ["zzz"]}
    made = client.create(CHILD, from_=target.model, system="You are a parrot.", parameters=parameters)
    equal(made.status, "success")
    assert CHILD in names(target), names(target)
    shown = client.show(CHILD)
    equal(shown.details.parent_model, target.model)
    assert "num_predict" in shown.parameters and "You are a parrot." in shown.modelfile, shown
    said = client.chat(CHILD, HELLO)
    equal((said.eval_count, said.model), (5, CHILD))
    turns = [{"role": "system", "content": "You are a parrot."}, *HELLO]
    equal(text_of(said), text_of(client.chat(target.model, turns, options={"temperature": 0, "num_predict": 5})))


def a_model_is_copied_and_deleted(target: Target):
    client = client_of(target)
    equal(client.copy(target.model, "twin").status, "success")
    refused(lambda: client.copy(target.model, "twin"), 409, "'destination'")
    refused(lambda: client.copy(target.model, "a b"), 400, "'destination'")
    refused(lambda: client.copy("no-such-model", "other"), 404, "'source'")
    equal(text_of(client.chat("twin", HELLO, options=OPTIONS)), text_of(client.chat(target.model, HELLO, options=OPTIONS)))
    equal(client.delete("twin").status, "success")
    equal(client.delete(CHILD).status, "success")
    equal([name for name in names(target) if name in ("twin", CHILD)], [])
    refused(lambda: client.delete(target.model), 403, target.model)
    refused(lambda: client.delete("twin"), 404, "twin")


def a_file_is_sent_and_served(target: Target):
    file = target.file
    client = client_of(target)
    digest = client.create_blob(file)
    equal(client.create("sent", files={file.name: digest}).status, "success")
    equal(text_of(client.chat("sent", HELLO, options=OPTIONS)), text_of(client.chat(target.model, HELLO, options=OPTIONS)))
    equal(client.show("sent").details.quantization_level, client.show(target.model).details.quantization_level)
    refused(lambda: client.create("small", from_="sent", quantize="q4_0"), 400, "quantize")
    client.delete("sent")


def a_model_is_let_go_and_comes_back(target: Target):
    client = client_of(target)
    equal(client.generate(target.model, "", keep_alive=0).done_reason, "unload")
    for _ in range(50):
        if not client.ps().models:
            break
        time.sleep(0.1)
    equal(client.ps().models, [])
    equal(client.generate(target.model, "", keep_alive="10m").done_reason, "load")
    open_now = client.ps().models[0]
    equal(open_now.model, target.model)
    assert open_now.size > 1_000_000 and open_now.expires_at is not None, open_now


def refused(body, status: int, word: str) -> None:
    try:
        body()
    except ollama.ResponseError as error:
        equal(error.status_code, status, error.error)
        assert word in error.error, error.error
    else:
        raise AssertionError(f"it was not refused with {status}")

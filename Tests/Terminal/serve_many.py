"""`yuyan serve` with several models: opened when they are asked for, within a budget of memory."""

import http.client
import json
import re
import shutil
from pathlib import Path

from command import PATIENCE, Command, eventually

FOLDER = Path(__file__).resolve().parents[1] / "Golden" / "Bundles" / "qwen3"


def chat(port: int, model: str) -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4, "temperature": 0}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, json.load(response)
    finally:
        connection.close()


def text(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def open_models(port: int) -> list[str]:
    return re.findall(r'^yuyan_requests_running\{model="([^"]+)"\}', text(port, "/metrics"), re.M)


def models_open_on_demand_and_make_room(yuyan: Command):
    yuyan.need_model()
    (file,) = (each for each in yuyan.models.iterdir() if each.suffix == ".gguf")
    shutil.copyfile(file, yuyan.models / "Second.gguf")
    shutil.copyfile(file, yuyan.models / "Third.gguf")
    flags = ["--port", 0, "--model-memory", 450, "--cache-tokens", 1024]
    with yuyan.start("serve", yuyan.model, "second", "--all", "--pin", yuyan.model, *flags) as process:
        for wanted in ("listening on", "are served on"):
            line = process.stdout.readline()
            assert wanted in line, line
        port = int(re.search(r":(\d+)/", line)[1])
        names = [each["id"] for each in json.loads(text(port, "/v1/models"))["data"]]
        assert names == [yuyan.model, "second", "third"], names
        eventually(lambda: open_models(port) == [yuyan.model], "only the first is open")
        answers = [chat(port, name) for name in ("second", "third", "second", yuyan.model)]
        assert [status for status, _ in answers] == [200] * 4, answers
        said = {body["choices"][0]["message"]["content"] for _, body in answers}
        assert len(said) == 1, "the same file says the same, whatever its name"
        assert len(open_models(port)) <= 3


def a_cache_is_made_to_fit_beside_the_weights(yuyan: Command):
    yuyan.need_model()
    (file,) = (each for each in yuyan.models.iterdir() if each.suffix == ".gguf")
    shutil.copyfile(file, yuyan.models / "Second.gguf")
    with yuyan.start("serve", yuyan.model, "second", "--port", 0, "--model-memory", 300) as process:
        for _ in range(2):
            line = process.stdout.readline()
        port = int(re.search(r":(\d+)/", line)[1])
        for name in ("second", yuyan.model, "second"):
            assert chat(port, name)[0] == 200, name
            eventually(lambda: open_models(port) == [name], "the other one has made room")


def a_context_is_the_most_that_each_may_have(yuyan: Command):
    short = yuyan.home / "short"
    shutil.copytree(FOLDER, short)
    most = json.loads((short / "config.json").read_text())["max_position_embeddings"]
    long = yuyan.home / "long"
    shutil.copytree(short, long)
    settings = json.loads((long / "config.json").read_text()) | {"max_position_embeddings": 4 * most}
    (long / "config.json").write_text(json.dumps(settings))
    with yuyan.start("serve", long, short, "--context", 2 * most, "--port", 0) as process:
        for _ in range(2):
            line = process.stdout.readline()
        port = int(re.search(r":(\d+)/", line)[1])
        for name, expected in (("long", 2 * most), ("short", most)):
            assert chat(port, name)[0] == 200, name
            assert json.loads(text(port, f"/v1/models/{name}"))["max_model_len"] == expected, name
    alone = yuyan.run("serve", short, "--context", 2 * most, "--port", 0)
    assert alone.returncode == 65 and f"1 to {most}" in alone.stderr, alone


def a_model_that_cannot_be_opened_is_told_and_tried_again(yuyan: Command):
    folders = [yuyan.home / "good", yuyan.home / "spoiled"]
    for folder in folders:
        shutil.copytree(FOLDER, folder)
    tokenizer = folders[1] / "tokenizer.json"
    whole = tokenizer.read_bytes()
    tokenizer.write_bytes(whole[: len(whole) // 2])
    with yuyan.start("serve", *folders, "--port", 0) as process:
        for _ in range(2):
            line = process.stdout.readline()
        port = int(re.search(r":(\d+)/", line)[1])
        status, body = chat(port, "spoiled")
        assert status == 503 and body["error"]["code"] == "model_cannot_be_opened", body
        assert "tokenizer.json" in body["error"]["message"] and str(yuyan.home) not in body["error"]["message"], body
        tokenizer.write_bytes(whole)
        assert chat(port, "spoiled")[0] == 200


def a_limit_holds_for_the_first_model_too(yuyan: Command):
    yuyan.need_model()
    result = yuyan.run("serve", yuyan.model, "--port", 0, "--model-memory", 60)
    assert result.returncode == 65 and "--model-memory" in result.stderr and "--cache-tokens" not in result.stderr, result
    result = yuyan.run("serve", yuyan.model, "--port", 0, "--model-memory", 110)
    assert result.returncode == 65 and "--cache-tokens" in result.stderr, result
    with yuyan.start("serve", yuyan.model, "--port", 0, "--model-memory", 110, "--cache-tokens", 256) as process:
        for _ in range(2):
            line = process.stdout.readline()
        assert chat(int(re.search(r":(\d+)/", line)[1]), yuyan.model)[0] == 200


def the_cache_of_a_folder_is_counted(yuyan: Command):
    folder = yuyan.home / "long"
    shutil.copytree(FOLDER, folder)
    settings = json.loads((folder / "config.json").read_text()) | {"max_position_embeddings": 1_000_000}
    (folder / "config.json").write_text(json.dumps(settings))
    weights = (folder / "model.safetensors").stat().st_size
    with yuyan.start("serve", folder, "--port", 0, "--model-memory", 64) as process:
        for _ in range(2):
            line = process.stdout.readline()
        (shown,) = json.loads(text(int(re.search(r":(\d+)/", line)[1]), "/api/ps"))["models"]
        assert 8 * weights < shown["size"] <= 64 << 20, shown


def a_model_that_cannot_fit_is_refused_with_the_reason(yuyan: Command):
    yuyan.need_model()
    (file,) = (each for each in yuyan.models.iterdir() if each.suffix == ".gguf")
    shutil.copyfile(file, yuyan.models / "Second.gguf")
    flags = ["--port", 0, "--model-memory", 200, "--cache-tokens", 1024]
    with yuyan.start("serve", yuyan.model, "second", "--pin", yuyan.model, *flags) as process:
        for _ in range(2):
            line = process.stdout.readline()
        port = int(re.search(r":(\d+)/", line)[1])
        status, body = chat(port, "second")
        assert status == 503 and body["error"]["code"] == "model_does_not_fit", body
        assert "--model-memory" in body["error"]["message"], body
        assert chat(port, yuyan.model)[0] == 200
        assert "refused" in process.stdout.readline()

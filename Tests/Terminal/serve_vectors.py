"""`yuyan serve` with models that make vectors: known by their files, in the memory and the patience of the others."""

import http.client
import json
import re
import shutil
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from command import PATIENCE, Command

BUNDLES = Path(__file__).resolve().parents[1] / "Golden" / "Bundles"
POOLING = {"pooling_mode_lasttoken": True}
STEPS = [{"type": "sentence_transformers.models.Transformer", "path": ""}, {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]


def ask(port: int, method: str, path: str, **body) -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, json.dumps(body) if body else None, {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, json.load(response)
    finally:
        connection.close()


@contextmanager
def serving(yuyan: Command, *arguments):
    """A server whose first model is open; its port."""
    with yuyan.start("serve", *arguments, "--port", 0) as process:
        for line in process.stdout:
            if found := re.search(r"(?:served|vectors) on http://[^:]+:(\d+)/", line):
                break
        else:
            raise AssertionError("it ended before its model was open")
        yield int(found[1])


def running(port: int) -> dict[str, float]:
    """Who is open, and for how many seconds from now."""
    _, body = ask(port, "GET", "/api/ps")
    now = datetime.now(timezone.utc)
    times = {each["name"]: datetime.fromisoformat(each["expires_at"].replace("Z", "+00:00")) for each in body["models"]}
    return {name: (time - now).total_seconds() for name, time in times.items()}


def a_decoder_that_pools_makes_vectors(yuyan: Command):
    folder = yuyan.home / "embedder"
    shutil.copytree(BUNDLES / "qwen3", folder)
    (folder / "modules.json").write_text(json.dumps(STEPS))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(POOLING))
    with serving(yuyan, folder) as port:
        _, listed = ask(port, "GET", "/v1/models")
        assert [each.get("kind") for each in listed["data"]] == ["embedding"], listed
        status, body = ask(port, "POST", "/v1/embeddings", model="embedder", input="A swift is a bird.")
        assert status == 200 and len(body["data"][0]["embedding"]) > 1, body


def idleness_counts_for_one_model_and_for_vectors(yuyan: Command):
    with serving(yuyan, BUNDLES / "llama", BUNDLES / "bert", "--idle", 1) as port:
        assert list(running(port)) == ["llama"], running(port)
        assert ask(port, "POST", "/v1/embeddings", model="bert", input="Hi")[0] == 200
        seen = running(port)
        assert set(seen) == {"llama", "bert"} and all(time < 62 for time in seen.values()), seen
    with serving(yuyan, BUNDLES / "llama", BUNDLES / "bert", "--idle", 1, "--pin", "llama", "--pin", "bert") as port:
        assert ask(port, "POST", "/v1/embeddings", model="bert", input="Hi")[0] == 200
        seen = running(port)
        assert set(seen) == {"llama", "bert"} and all(time > 3600 for time in seen.values()), seen


def vectors_that_cannot_fit_are_refused_with_the_reason(yuyan: Command):
    large = yuyan.home / "large"
    shutil.copytree(BUNDLES / "bert", large)
    with open(large / "unused.bin", "wb") as file:
        file.truncate(8 << 20)
    with serving(yuyan, BUNDLES / "llama", large, "--model-memory", 4) as port:
        status, body = ask(port, "POST", "/v1/embeddings", model="large", input="Hi")
        assert status == 503 and body["error"]["code"] == "model_does_not_fit", body
        assert "--model-memory" in body["error"]["message"], body


def a_pin_of_what_is_not_served_is_refused(yuyan: Command):
    ended = yuyan.run("serve", BUNDLES / "llama", BUNDLES / "bert", "--port", 0, "--pin", "brett")
    assert ended.returncode == 64 and "--pin brett" in ended.stderr and "llama, bert" in ended.stderr, ended

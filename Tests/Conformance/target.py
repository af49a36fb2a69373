"""The server under test, spoken to with nothing but the standard library, and the few comparisons all checks use."""

import http.client
import json
import urllib.parse
from dataclasses import dataclass
from functools import cached_property

HELLO = [{"role": "user", "content": "Say hello and count from one to ten."}]


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Target:
    patience = 120.0  # seconds without a byte; the machine may be busy

    def __init__(self, base: str, model: str | None = None):
        self.base, self.chosen, self.witness = base, model, None
        address = urllib.parse.urlsplit(base)
        self.host, self.port = address.hostname, address.port or 80

    @cached_property
    def model(self) -> str:
        return self.chosen or self.get("/v1/models").json["data"][0]["id"]

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=self.patience)

    def request(self, method: str, path: str, body=None, headers=None) -> Reply:
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            reply = Reply(response.status, response.headers, response.read())
        finally:
            connection.close()
        if self.witness:
            self.witness.note(method, path, body.encode() if isinstance(body, str) else body, reply.status, reply.body)
        return reply

    @staticmethod
    def parsed(text: str):
        return json.loads(text)

    def get(self, path: str) -> Reply:
        return self.request("GET", path)

    def post(self, path: str, fields) -> Reply:
        body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        return self.request("POST", path, body, {"content-type": "application/json"})

    def chat(self, **fields) -> Reply:
        return self.post("/v1/chat/completions", {"model": self.model, "messages": HELLO, "max_tokens": 8} | fields)

    def complete(self, **fields) -> Reply:
        return self.post("/v1/completions", {"model": self.model, "max_tokens": 8} | fields)

    def tokenize(self, text: str) -> list[int]:
        return self.post("/tokenize", {"prompt": text, "add_special_tokens": False}).json["tokens"]

    def metrics(self) -> dict[str, float]:
        """Each sample of /metrics, its labels included in the name."""
        lines = self.get("/metrics").body.decode().splitlines()
        samples = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, value in samples}


def equal(found, expected, what: str = "") -> None:
    assert found == expected, f"{what or 'value'}: found {found!r}, expected {expected!r}"


def error_object(reply: Reply, status: int, **expected) -> None:
    """The reply is OpenAI's error object with this status; `param` and `code` as expected, where told."""
    equal(reply.status, status, f"status of {reply.body[:200]!r}")
    equal(reply.headers.get_content_type(), "application/json", "content type")
    error = reply.json["error"]
    equal(sorted(error), ["code", "message", "param", "type"], "fields of the error")
    assert isinstance(error["message"], str) and error["message"], "the message is empty"
    for name, value in expected.items():
        equal(error[name], value, name)

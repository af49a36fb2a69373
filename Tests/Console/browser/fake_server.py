"""A stand-in for `yuyan serve`: the console's files under the console's policy, and answers scripted by the prompt.

A prompt's first word picks a script of `scripts.py`; anything else is echoed. Standard library only.
"""

import argparse
import json
import mimetypes
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import scripts
from fine_tuning import FineTuning

CONSOLE = Path(__file__).resolve().parents[3] / "Sources/Server/Console"
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
MODELS = [
    {"id": "swift-7b", "object": "model", "context_length": 32768, "has_chat_template": True},
    {"id": "tiny", "object": "model", "context_length": 2048, "has_chat_template": True},
    {"id": "base-270m", "object": "model", "context_length": 8192, "has_chat_template": False},
]
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


class State:
    """What the tests look at afterwards, and the switches they flip."""

    def __init__(self):
        self.requests, self.hits, self.violations = [], {}, []
        self.down, self.hung_up, self.key = False, 0, None
        self.tuning = FineTuning()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: State

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path.startswith(("/v1/", "/health")) and self.state.down:
            return self.reply(503, {"error": scripts.error("loading", None, "server_error")})
        if self.path.startswith("/v1/") and self.locked():
            return
        if self.path == "/v1/models":
            return self.reply(200, {"object": "list", "data": MODELS + self.state.tuning.models})
        if found := self.state.tuning.get(self.path):
            return self.reply(*found)
        if self.path == "/health":
            return self.reply(200, {"status": "ok"})
        self.file(self.path.split("?")[0])

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.locked():
            return
        if found := self.state.tuning.post(self.path, self.headers.get("content-type", ""), raw):
            return self.reply(*found)
        body = json.loads(raw or "{}")
        if self.path == "/tokenize":
            return self.reply(200, {"tokens": list(range(max(1, len(body["content"]) // 3)))})
        self.state.requests.append({"path": self.path, "body": body})
        if self.state.down:
            return self.close_at_once()
        prompt = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
        first = prompt.split()[0] if prompt.split() else ""
        hits = self.state.hits[prompt] = self.state.hits.get(prompt, 0) + 1
        refusal = scripts.refusal(first, hits, self.path)
        if refusal:
            status, error, headers = refusal
            return self.reply(status, {"error": error}, headers)
        self.stream(scripts.answer(prompt, body), body, completion=self.path == "/v1/completions")

    def do_DELETE(self):
        if not self.locked():
            self.reply(*self.state.tuning.delete(self.path))

    def locked(self):
        """Refuses whoever does not know the key, where there is one."""
        if self.state.key in (None, (self.headers.get("authorization") or "").removeprefix("Bearer ")):
            return False
        self.reply(401, {"error": scripts.error("Send an API key.", "invalid_api_key", "authentication_error")})
        return True

    def file(self, path):
        name = "index.html" if path == "/" else path.removeprefix("/console/")
        file = (CONSOLE / name).resolve()
        if not file.is_relative_to(CONSOLE) or not file.is_file():
            return self.reply(404, {"error": scripts.error("no such page")})
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self.send(200, file.read_bytes(), kind, {"content-security-policy": POLICY, "cache-control": "no-cache"})

    def reply(self, status, value, headers=None):
        self.send(status, json.dumps(value).encode(), "application/json", headers or {})

    def send(self, status, data, kind, headers):
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def close_at_once(self):
        self.close_connection = True
        self.connection.shutdown(2)

    def stream(self, script, body, completion):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            self.speak(script, body, completion)
        except (BrokenPipeError, ConnectionResetError):
            self.state.hung_up += 1

    def speak(self, script, body, completion):
        count = 0
        for piece in script.pieces:
            time.sleep(script.delay)
            self.event(chunk(piece, completion))
            count += 1
        if script.error:
            return self.event({"error": script.error})
        if script.cut:
            return self.close_at_once()
        self.event(chunk(None, completion, finish=script.finish))
        size = sum(len(each["content"]) for each in body.get("messages", [])) or len(body.get("prompt", ""))
        usage = {"prompt_tokens": size // 3 + 8, "completion_tokens": count}
        usage["prompt_tokens_details"] = {"cached_tokens": 4}
        timings = {"prompt_ms": 12.5, "generation_ms": 1000.0, "prompt_per_second": 640.0}
        timings["generation_per_second"] = 42.5
        self.event({"choices": [], "usage": usage, "timings": timings})
        self.event("[DONE]")

    def event(self, value):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        """Browsers hang up all the time; that is no news."""


def chunk(piece, completion, finish=None):
    if completion:
        return {"choices": [{"index": 0, "text": piece or "", "finish_reason": finish}]}
    delta = {} if piece is None else piece if isinstance(piece, dict) else {"content": piece}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def start(port=0):
    """Runs in a thread; returns the server and its state."""
    state = State()
    server = Server(("127.0.0.1", port), type("Bound", (Handler,), {"state": state}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, state


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8099)
    server, _ = start(parser.parse_args().port)
    print(f"http://127.0.0.1:{server.server_port}/")
    threading.Event().wait()

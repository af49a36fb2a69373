"""A web server on the loopback interface that stops in the middle of a file until it is told to go on."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """One file at every path. `stops_at`: how much of it is sent before `gate` opens."""

    def __init__(self, content: bytes, stops_at: int | None = None, port: int = 0):
        self.content, self.stops_at, self.gate = content, stops_at, threading.Event()
        self.ranges: list[str | None] = []
        handler = type("Bound", (Handler,), {"site": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients hang up; that is what is checked
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *_):
        pass

    def do_GET(self):
        content, asked = self.site.content, self.headers.get("range")
        self.site.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("content-range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("etag", '"one"')
        self.send_header("content-length", str(len(content) - start))
        self.end_headers()
        stop = self.site.stops_at
        if stop is not None and start < stop and not self.site.gate.is_set():
            self.wfile.write(content[start:stop])
            self.wfile.flush()
            self.site.gate.wait()
            start = stop
        self.wfile.write(self.site.content[start:])


@contextmanager
def site(content: bytes, stops_at: int | None = None, port: int = 0):
    it = Site(content, stops_at, port)
    try:
        yield it
    finally:
        it.close()

"""What HTTP itself promises: identifiers, kept connections, limits, and nothing served from outside the console."""

import json
import socket

from target import Target, equal, error_object


def health_answers_at_once(target: Target):
    equal(target.get("/health").status, 200)


def every_answer_has_its_own_request_id(target: Target):
    replies = [target.get("/health"), target.get("/v1/models"), target.get("/nowhere"), target.chat(), target.chat(n=0)]
    identifiers = [reply.headers["x-request-id"] for reply in replies]
    assert all(identifiers), f"missing in {identifiers}"
    equal(len(set(identifiers)), len(identifiers), "distinct ids")


def models_are_listed_and_described(target: Target):
    listed = target.get("/v1/models").json
    equal(listed["object"], "list")
    for model in listed["data"]:
        equal(model["object"], "model")
        assert isinstance(model["created"], int) and model["owned_by"]
    equal(target.get(f"/v1/models/{target.model}").json["id"], target.model)


def metrics_are_what_prometheus_reads(target: Target):
    reply = target.get("/metrics")
    equal(reply.status, 200)
    assert reply.headers["content-type"].startswith("text/plain"), reply.headers["content-type"]
    assert target.metrics(), "no sample"
    declared = {line.split()[2] for line in reply.body.decode().splitlines() if line.startswith("# TYPE ")}
    for name in target.metrics():
        family = name.split("{")[0]
        bases = {family, *(family.removesuffix(end) for end in ("_bucket", "_sum", "_count", "_total"))}
        assert declared & bases, f"{name} has no # TYPE"


def a_connection_serves_many_requests(target: Target):
    connection = target.connect()
    for _ in range(5):
        connection.request("GET", "/health")
        response = connection.getresponse()
        response.read()
        equal(response.status, 200)
    connection.close()


def a_body_may_come_in_chunks(target: Target):
    body = json.dumps({"model": target.model, "prompt": "Hello", "max_tokens": 2}).encode()
    connection = target.connect()
    pieces = (body[start : start + 7] for start in range(0, len(body), 7))
    headers = {"content-type": "application/json"}
    connection.request("POST", "/v1/completions", pieces, headers, encode_chunked=True)
    equal(connection.getresponse().status, 200)
    connection.close()


def the_console_is_served_and_nothing_beside_it(target: Target):
    page = target.get("/")
    equal(page.status, 200)
    equal(page.headers.get_content_type(), "text/html")
    for path in ("/../Package.swift", "/%2e%2e/Package.swift", "/..%2f..%2fetc/passwd", "//etc/passwd", "/%00", "/\\..\\"):
        reply = target.get(path)
        assert reply.status in (400, 404), f"{path} gives {reply.status}"


def garbage_is_refused_and_others_are_served(target: Target):
    for garbage in (b"\x00\xff\x16\x03\x01 nonsense\r\n\r\n", b"GET /health HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n"):
        equal(b"200 OK" in raw(target, garbage), False, "garbage accepted")
    equal(target.get("/health").status, 200)


def headers_have_a_limit(target: Target):
    head = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 1_000_000 + b"\r\n\r\n"
    answer = raw(target, head)
    assert b" 200 " not in answer[:15], "a header of a megabyte is accepted"
    equal(target.get("/health").status, 200)


def a_large_body_is_refused_before_it_is_read(target: Target):
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000000000\r\n\r\n{"
    answer = raw(target, head)
    assert b" 413 " in answer[:20], answer[:200]
    assert b'"error"' in answer, "413 without OpenAI's error object"


def a_slow_client_does_not_hold_others(target: Target):
    idle = [socket.create_connection((target.host, target.port), target.patience) for _ in range(50)]
    for connection in idle:
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Le")
    equal(target.get("/health").status, 200)
    equal(target.complete(prompt="Hello").status, 200)
    for connection in idle:
        connection.close()


def raw(target: Target, sent: bytes) -> bytes:
    """What comes back for these bytes until the server closes, as it must after what it cannot read on from."""
    received = b""
    with socket.create_connection((target.host, target.port), target.patience) as connection:
        try:
            connection.sendall(sent)
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            raise AssertionError(f"neither closed nor answered {sent[:40]!r}; so far {received[:200]!r}") from None
        except OSError:
            pass
    return received


def a_wrong_method_is_told_so(target: Target):
    for method, path in (("GET", "/v1/chat/completions"), ("DELETE", "/v1/completions"), ("PUT", "/tokenize")):
        error_object(target.request(method, path), 405)

"""`yuyan serve`: how it begins, and how it ends."""

import http.client
import json
import re
import socket
from contextlib import contextmanager

from command import END, INTERRUPT, KILL, PATIENCE, Command, ended, eventually


@contextmanager
def serving(yuyan: Command, **options):
    """A server on a free port that is ready to answer: the process, and its port."""
    yuyan.need_model()
    with yuyan.start("serve", yuyan.model, "--port", 0, "--grace", 600, **options) as process:
        port = announced(process)
        eventually(lambda: status(port, "/ready") == 200, "ready")
        yield process, port


def announced(process) -> int:
    """The port, once the model is open; the address comes first."""
    for wanted in ("listening on", "is served on"):
        line = process.stdout.readline()
        assert wanted in line, line
    return int(re.search(r":(\d+)/", line)[1])


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def served(port: int):
    """The name of the first model there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/v1/models")
    return json.loads(connection.getresponse().read())["data"][0]["id"]


def asked(port: int, **fields):
    """The answer to a streamed completion, of which nothing was read yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    body = {"model": served(port), "prompt": "Once upon a time", "temperature": 0, "ignore_eos": True, "max_tokens": 300} | fields
    connection.request("POST", "/v1/completions", json.dumps(body), {"content-type": "application/json"})
    return connection.getresponse()


def a_taken_port_is_a_clear_error(yuyan: Command):
    yuyan.need_model()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = yuyan.run("serve", yuyan.model, "--port", port)
    assert result.returncode == 69, result
    assert str(port) in result.stderr and "--port" in result.stderr, result.stderr


def an_address_of_another_machine_is_a_clear_error(yuyan: Command):
    yuyan.need_model()
    result = yuyan.run("serve", yuyan.model, "--port", 0, "--host", "192.0.2.1")
    assert result.returncode == 69 and "192.0.2.1" in result.stderr, result


def a_polite_end_lets_streams_finish(yuyan: Command):
    for number in (END, INTERRUPT):
        with serving(yuyan) as (process, port):
            answer = asked(port, stream=True)
            begun = answer.readline()
            assert begun.startswith(b"data: "), begun
            process.send_signal(number)
            eventually(lambda: refuses(port), "the door is closed")
            rest = answer.read()
            assert rest.rstrip().endswith(b"data: [DONE]") and b'"finish_reason":"length"' in rest, rest[-400:]
            assert rest.count(b"data: ") > 100, rest.count(b"data: ")
            ended(process, 0)


def refuses(port: int) -> bool:
    """Whether no new request is served: the connection is refused, or told that the server is ending."""
    try:
        return status(port, "/ready") == 503
    except OSError:
        return True


def a_second_signal_cuts_what_runs(yuyan: Command):
    with serving(yuyan) as (process, port):
        answer = asked(port, stream=True, max_tokens=6000)
        answer.readline()
        process.send_signal(END)
        eventually(lambda: refuses(port), "the door is closed")
        ended(process, 130, END)


def an_idle_server_ends_at_once(yuyan: Command):
    with serving(yuyan) as (process, _):
        ended(process, 0, END)


def a_killed_server_leaves_its_port_free(yuyan: Command):
    with serving(yuyan) as (process, port):
        asked(port, stream=True).readline()
        ended(process, -KILL, KILL)
    with yuyan.start("serve", yuyan.model, "--port", port) as process:
        assert announced(process) == port


def output_that_cannot_be_written_does_not_end_it(yuyan: Command):
    yuyan.need_model()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open("/dev/full", "w") as full:
        with yuyan.start("serve", yuyan.model, "--port", port, stdout=full, stderr=full) as process:
            eventually(lambda: is_ready(port), "ready")
            answer = json.loads(asked(port, max_tokens=8).read())
            assert answer["usage"]["completion_tokens"] == 8, answer
            ended(process, 0, END)


def is_ready(port: int) -> bool:
    try:
        return status(port, "/ready") == 200
    except OSError:
        return False


def a_broken_model_is_not_announced(yuyan: Command):
    path = yuyan.home / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    result = yuyan.run("serve", path, "--port", 0)
    assert result.returncode == 65 and "broken.gguf" in result.stderr, result
    assert "is served" not in result.stdout + result.stderr, result

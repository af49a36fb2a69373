"""Server-sent events, byte by byte, and what becomes of a stream whose reader has gone."""

import json
import socket
import time

from target import HELLO, Target, equal


def events_are_framed_and_end_with_done(target: Target):
    reply = target.chat(stream=True)
    equal(reply.headers.get_content_type(), "text/event-stream")
    assert "no-cache" in reply.headers.get("cache-control", ""), "an intermediary may cache the stream"
    events = reply.body.decode().split("\n\n")
    equal(events.pop(), "", "after the last event")
    equal(events.pop(), "data: [DONE]", "the last event")
    for event in events:
        lines = [line for line in event.split("\n") if not line.startswith(":")]
        assert all(line.startswith("data: ") for line in lines) and len(lines) <= 1, event
        assert lines == [] or json.loads(lines[0][6:])["object"] == "chat.completion.chunk", event


def chunks_agree_with_the_whole(target: Target):
    whole = target.chat(temperature=0, max_tokens=16).json
    chunks = chunks_of(target.chat(temperature=0, max_tokens=16, stream=True))
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    text = "".join(choice["delta"].get("content") or "" for choice in choices)
    equal(text, whole["choices"][0]["message"]["content"], "text")
    equal(choices[0]["delta"]["role"], "assistant", "role of the first delta")
    equal([c["finish_reason"] for c in choices if c["finish_reason"]], [whole["choices"][0]["finish_reason"]])
    equal(len({chunk["id"] for chunk in chunks}), 1, "ids of one stream")
    assert all("usage" not in chunk or chunk["usage"] is None for chunk in chunks), "usage without being asked"


def usage_comes_last_where_asked(target: Target):
    chunks = chunks_of(target.chat(stream=True, stream_options={"include_usage": True}))
    equal(chunks[-1]["choices"], [])
    usage = chunks[-1]["usage"]
    equal(usage["total_tokens"], usage["prompt_tokens"] + usage["completion_tokens"])
    assert all(chunk.get("usage") is None for chunk in chunks[:-1]), "usage before the last chunk"


def no_event_holds_half_a_character(target: Target):
    prompt = "重复：你好，世界！🙂👩‍👩‍👧‍👦 你好，世界！🙂👩‍👩‍👧‍👦 你好，世界！"
    reply = target.complete(prompt=prompt, max_tokens=48, temperature=0, stream=True)
    text = "".join(chunk["choices"][0]["text"] for chunk in chunks_of(reply))
    whole = target.complete(prompt=prompt, max_tokens=48, temperature=0).json["choices"][0]["text"]
    equal(text, whole, "streamed and whole text")
    assert "\ufffd" not in text.rstrip("\ufffd"), f"half a character in {text!r}"


def first_events_come_before_the_last(target: Target):
    with opened(target, max_tokens=2000, ignore_eos=True) as connection:
        received = b""
        while received.count(b"data: ") < 3:
            chunk = connection.recv(65536)
            assert chunk, f"the stream ended with {received[-200:]!r}"
            received += chunk
        assert any(busy(target).values()), "the request was over before its first events came"
    settled(target)


def a_client_that_hangs_up_frees_its_blocks(target: Target):
    before = settled(target)
    for _ in range(4):
        with opened(target, max_tokens=2000, ignore_eos=True) as connection:
            connection.recv(2048)
    after = settled(target)
    equal(after, before, "requests and blocks in use")


def opened(target: Target, **fields) -> socket.socket:
    """A connection on which a streamed chat has been asked for."""
    body = json.dumps({"model": target.model, "messages": HELLO, "stream": True} | fields).encode()
    connection = socket.create_connection((target.host, target.port), target.patience)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def settled(server: Target) -> dict[str, float]:
    """What /metrics says is running, waiting and held by requests, once nothing runs any more."""
    return eventually(server, lambda figures: not any(figures.values()), "idle")


def eventually(target: Target, is_so, what: str, patience: float = 120) -> dict[str, float]:
    """Asks /metrics until it is so. The machine may be busy: only what never comes is a failure."""
    deadline = time.monotonic() + patience
    while not is_so(figures := busy(target)):
        assert time.monotonic() < deadline, f"not {what} after {patience} s: {figures}"
        time.sleep(0.1)
    return figures


def busy(server: Target) -> dict[str, float]:
    samples = server.metrics()
    figures = {name: value for name, value in samples.items() if busy_name(name)}
    assert figures, f"/metrics tells of no running requests or used blocks: {sorted(samples)}"
    return figures


def busy_name(name: str) -> bool:
    family = name.split("{")[0]
    return family.endswith(("requests_running", "requests_waiting", "blocks_used")) or 'state="used"' in name


def chunks_of(reply) -> list[dict]:
    equal(reply.status, 200, f"status of {reply.body[:200]!r}")
    lines = reply.body.decode().splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ") and line != "data: [DONE]"]

#!/usr/bin/env python3
"""A server that speaks just enough for soak.py to be tried on it, faultless or with one fault.

    Benchmarks/soak/fake.py --port 8099 [--fault leak|cut|twice|busy|fat]

leak: a client that hangs up leaves its blocks; cut: some streams lack their end; twice: some say finish_reason twice;
busy: the idle process computes; fat: every request keeps memory.
"""

import argparse
import asyncio
import json
import random
from contextlib import suppress
from pathlib import Path

state = {"blocks": 0, "running": 0, "kept": []}


async def answer(reader, writer, fault):
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = head.split(" ", 2)
        length = int(next((x.split(":")[1] for x in head.lower().splitlines() if x.startswith("content-length")), 0))
        body = await reader.readexactly(length)
        if path == "/v1/chat/completions":
            await completion(writer, json.loads(body), fault)
        else:
            plain(writer, {"/health": "ok", "/metrics": metrics(), "/v1/models": '{"data": [{"id": "fake"}]}'}[path])
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def plain(writer, text):
    writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(text)}\r\n\r\n{text}".encode())


def metrics():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return (
        "# TYPE yuyan_blocks_used gauge\n"
        f'yuyan_blocks_used{{model="fake"}} {state["blocks"]}\nyuyan_requests_running {state["running"]}\n'
        "yuyan_blocks_total 1\nyuyan_prompt_tokens_total 99\nyuyan_prompt_tokens_cached_total 0\nyuyan_generated_tokens_total 0\n"
        f"process_resident_memory_bytes {pages * 4096}\n"
    )


async def completion(writer, request, fault):
    state["running"] += 1
    state["blocks"] += 3
    try:
        await stream(writer, request, fault)
        state["blocks"] -= 3
    except OSError:
        state["blocks"] -= 0 if fault == "leak" else 3
    finally:
        state["running"] -= 1
        if fault == "fat":
            state["kept"].append(bytes(200_000))


async def stream(writer, request, fault):
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    unlucky = random.random() < 0.05
    for number in range(request["max_tokens"]):
        await event(writer, delta={"content": f"词{number} "})
        await asyncio.sleep(0.005)
    await event(writer, delta={}, reason="length")
    if fault == "twice" and unlucky:
        await event(writer, delta={}, reason="stop")
    if "stream_options" in request:
        await event(writer, usage={"completion_tokens": request["max_tokens"]})
    if not (fault == "cut" and unlucky):
        await chunk(writer, b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")


async def event(writer, delta=None, reason=None, usage=None):
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
    value = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "fake", "choices": choices, "usage": usage}
    data = f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()
    cut = random.randrange(1, len(data))
    await chunk(writer, data[:cut])
    await chunk(writer, data[cut:])


async def chunk(writer, data):
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    await writer.drain()


async def main(options):
    server = await asyncio.start_server(lambda r, w: answer(r, w, options.fault), "127.0.0.1", options.port)
    while options.fault == "busy":
        sum(range(100_000))
        await asyncio.sleep(0.002)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--fault", choices=["leak", "cut", "twice", "busy", "fat"])
    with suppress(KeyboardInterrupt):
        asyncio.run(main(parser.parse_args()))

"""Clients that stream chat completions, and what they measure."""

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass

from wire import Response


@dataclass
class Request:
    system: str | None
    question: str
    answer: int

    @property
    def body(self):
        messages = [{"role": "system", "content": self.system}] if self.system else []
        messages.append({"role": "user", "content": self.question})
        # Neither side may stop early: ours calls it ignore_eos as llama-server does.
        return {"model": "model", "messages": messages, "stream": True, "max_tokens": self.answer, "temperature": 0, "ignore_eos": True}


@dataclass
class Timing:
    begin: float
    events: list[float]

    @property
    def first(self):
        return self.events[0] - self.begin

    @property
    def gaps(self):
        return [later - earlier for earlier, later in zip(self.events, self.events[1:], strict=False)]


async def ask_all(address, requests, clients):
    """Every client takes the next request as soon as it has its answer."""
    queue, timings = deque(requests), []

    async def client():
        while queue:
            timings.append(await ask(address, queue.popleft()))

    begin = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return figures(timings, time.perf_counter() - begin, sum(request.answer for request in requests))


async def ask(address, request):
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=1 << 20)
    timing = Timing(time.perf_counter(), [])
    try:
        writer.write(address.request("POST", "/v1/chat/completions", request.body))
        response = await Response(reader).head()
        if response.status != 200:
            raise ValueError(f"status {response.status}: {(await response.body())[:300]!r}")
        async for event in response.events():
            if event != "[DONE]" and speaks(json.loads(event)):
                timing.events.append(time.perf_counter())
    finally:
        writer.close()
    return timing


def speaks(chunk):
    return any(choice["delta"].get("content") for choice in chunk["choices"])


def figures(timings, seconds, tokens):
    first = sorted(timing.first for timing in timings)
    gaps = sorted(gap for timing in timings for gap in timing.gaps)
    return {
        "speed": tokens / seconds,
        "first p50": at(first, 0.5),
        "first p95": at(first, 0.95),
        "first of all": min(timings, key=lambda timing: timing.begin).first,
        "between p50": at(gaps, 0.5),
        "between p99": at(gaps, 0.99),
        "longest": max(timing.events[-1] - timing.begin for timing in timings),
    }


def at(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

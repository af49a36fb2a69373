"""What the clients ask, and the checks that every answer must pass."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from wire import Malformed, Response

CORPORA = Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "Models"
QUESTIONS = [
    "Why is the sky blue?",
    "Write a haiku about rain.",
    "List five rivers of Europe.",
    "What is 17 times 23?",
    "Write a Swift function that reverses a string.",
    "Explain recursion to a child.",
    "Translate 'good morning' into French.",
    "天空为什么是蓝色的？",
    "用一句话介绍北京。",
    "写一首关于秋天的五言诗。",
    "十七乘以二十三等于多少？",
    "用 Python 写一个快速排序。",
    "把“早上好”翻译成英语。",
    "🙂🇨🇳 是什么意思？",
]
SYSTEM = (
    "You are the assistant of a public library. Answer politely and briefly, in the language of the question. "
    "Opening hours are nine to six on weekdays and ten to four on Saturdays. Never invent a book. " * 6
)


@dataclass
class Tally:
    """What happened to the requests."""

    outcomes: Counter = field(default_factory=Counter)
    problems: list = field(default_factory=list)
    tokens: int = 0
    first_event: list = field(default_factory=list)

    def problem(self, text):
        self.outcomes["failed"] += 1
        if len(self.problems) < 20:
            self.problems.append(text)


def passages():
    """The two books as characters to cut long prompts from; numbered words where they are missing."""
    texts = [CORPORA / f"corpus-{language}.txt" for language in ("en", "zh")]
    found = [text.read_text() for text in texts if text.exists()]
    return found or [" ".join(f"word {i}" for i in range(20_000))]


def conversation(rng, texts):
    """One of: a short question, a question after a shared system prompt, a passage of about 1,500 tokens."""
    question = {"role": "user", "content": rng.choice(QUESTIONS)}
    kind = rng.choice(["short", "shared", "long"])
    if kind == "short":
        return [question]
    if kind == "shared":
        return [{"role": "system", "content": SYSTEM}, question]
    text = rng.choice(texts)
    length = 6000 if text.isascii() or text[:500].isascii() else 1500
    start = rng.randrange(max(1, len(text) - length))
    return [{"role": "user", "content": text[start : start + length] + "\n\nSummarise this / 概括上文。"}]


def body(rng, model, texts):
    request = {
        "model": model,
        "messages": conversation(rng, texts),
        "stream": True,
        "max_tokens": rng.choice([8, 32, 64, 128]),
        "temperature": rng.choice([0, 0.7, 1.3]),
    }
    if rng.random() < 0.5:
        request["stream_options"] = {"include_usage": True}
    if rng.random() < 0.3:
        request |= {"seed": rng.randrange(1000), "top_p": 0.9, "top_k": 40}
    return request


async def client(address, model, rng, tally, until, hang_up_share):
    """Asks again and again until the time is over; every stream that has begun is brought to its end."""
    texts, clock = passages(), asyncio.get_running_loop().time
    while clock() < until:
        request = body(rng, model, texts)
        hang_up = rng.choice(["at once", "inside the request", "before an event", "inside"])
        hang_up = hang_up if rng.random() < hang_up_share else None
        try:
            pause = await asyncio.wait_for(one(address, request, rng, tally, hang_up), 600)
            await asyncio.sleep(pause)
        except (Malformed, OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            tally.problem(f"{type(error).__name__}: {error}")
            await asyncio.sleep(0.2)


async def one(address, request, rng, tally, hang_up):
    """Sends one request; gives the seconds to wait before the next."""
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=1 << 20)
    try:
        message = address.request("POST", "/v1/chat/completions", request)
        whole = hang_up not in ("at once", "inside the request")
        writer.write(message if whole else message[: 0 if hang_up == "at once" else rng.randrange(1, len(message))])
        if hang_up == "inside":
            return await follow(Response(reader), request, tally, leave_after=rng.randrange(1, request["max_tokens"]))
        if hang_up:
            await asyncio.sleep(rng.random() * 0.5)
            return left(tally, hang_up)
        return await follow(Response(reader), request, tally)
    finally:
        writer.transport.abort() if hang_up and rng.random() < 0.5 else writer.close()


def left(tally, where):
    tally.outcomes[f"hung up {where}"] += 1
    return 0


async def follow(response, request, tally, leave_after=None):
    begin = asyncio.get_running_loop().time()
    await response.head()
    if response.status == 429:
        return refused(response, await response.body(), tally)
    if response.status != 200:
        raise Malformed(f"status {response.status}: {(await response.body())[:200]!r}")
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        raise Malformed(f"content-type {response.headers.get('content-type')}")
    stream = Stream(request)
    async for event in response.events():
        if not stream.count:
            tally.first_event.append(asyncio.get_running_loop().time() - begin)
        stream.take(event)
        if leave_after and stream.count >= leave_after and not stream.reason:
            return left(tally, "inside")
    stream.end()
    tally.tokens += stream.pieces
    tally.outcomes[f"finished: {stream.reason}"] += 1
    return 0


def refused(response, body, tally):
    """429 is an intended answer if it says why and when to come back."""
    error, after = json.loads(body).get("error", {}), response.headers.get("retry-after")
    if not error.get("message") or not after:
        raise Malformed(f"429 without a message or retry-after: {body[:200]!r}")
    tally.outcomes["refused: 429"] += 1
    return min(float(after), 5)


class Stream:
    """The grammar of a streamed chat completion."""

    def __init__(self, request):
        self.wants_usage = "stream_options" in request
        self.count = self.pieces = 0
        self.identity = self.reason = self.usage = None
        self.done = False

    def take(self, event):
        if self.done:
            raise Malformed("an event after [DONE]")
        if event == "[DONE]":
            self.done = True
            return
        chunk = json.loads(event)
        if "error" in chunk:
            raise Malformed(f"an error inside the stream: {event[:200]}")
        self.count += 1
        identity = (chunk["id"], chunk["object"], chunk["model"])
        if self.identity not in (None, identity) or chunk["object"] != "chat.completion.chunk":
            raise Malformed(f"a chunk of another completion: {identity}")
        self.identity = identity
        self.usage = chunk.get("usage") or self.usage
        for choice in chunk["choices"]:
            self.choice(choice)

    def choice(self, choice):
        if self.reason:
            raise Malformed("a choice after finish_reason")
        if choice["index"] != 0:
            raise Malformed(f"choice {choice['index']} of one")
        self.pieces += bool(choice["delta"].get("content"))
        self.reason = choice["finish_reason"]

    def end(self):
        if not self.done:
            raise Malformed("the stream ended without [DONE]")
        if self.reason not in ("stop", "length", "tool_calls"):
            raise Malformed(f"finish_reason {self.reason!r}")
        if self.wants_usage != bool(self.usage):
            raise Malformed("usage without being asked" if self.usage else "no usage")

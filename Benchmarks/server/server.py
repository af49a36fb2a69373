#!/usr/bin/env python3
"""Streaming clients against yuyan and llama-server: same file, same threads, same requests, taking turns.

    Benchmarks/server/server.py FILE                           16 clients, 64 requests of about 100 + 128 tokens
    Benchmarks/server/server.py FILE --urgent --rounds 5       on a busy machine: both servers at the highest priority
    Benchmarks/server/server.py FILE --shared 1000             32 requests with one system prompt of that many words

Each round starts a server, asks it for one token as soon as it answers, then lets the clients in, and stops it; so every
round is cold but for that token. Greedy, and nobody may stop early. The result is printed as a line of Markdown per side; `--write` puts it into Benchmarks/RESULTS.md.
"""

import argparse
import asyncio
import datetime
import os
import random
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "Benchmarks" / part) for part in ("soak", "compare")]

from clients import Request, ask, ask_all  # noqa: E402
from compare import hasten  # noqa: E402
from peer import RELEASE  # noqa: E402
from results import commit  # noqa: E402
from wire import Address, get  # noqa: E402

WORDS = (ROOT / "Tests" / "Golden" / "Models" / "corpus-en.txt").read_text().split()
HEADING = "## Many clients, against llama-server\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--requests", type=int, default=64)
    parser.add_argument("--words", type=int, default=65, help="of a question; about one and a half tokens each")
    parser.add_argument("--answer", type=int, default=128, help="tokens of an answer")
    parser.add_argument("--shared", type=int, default=0, help="words of a system prompt that all requests share")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--context", type=int, default=2048, help="tokens that one request may have")
    parser.add_argument("--yuyan", type=Path, default=ROOT / ".build" / "release" / "yuyan")
    parser.add_argument("--llama-server", type=Path, help="built from source unless told")
    parser.add_argument("--urgent", action="store_true", help="raise both servers' priority (Linux, root)")
    parser.add_argument("--write", action="store_true", help="into Benchmarks/RESULTS.md")
    return parser.parse_args()


def main(options):
    if not options.llama_server:
        from peer import Peer

        options.llama_server = Peer().prepare("server").programs / "llama-server"
    sides = {"yuyan": ours(options), "llama-server": theirs(options)}
    found = {side: [] for side in sides}
    for number in range(options.rounds):
        for side, command in sides.items():
            with serving(command, options) as (address, process, started):
                begin = asyncio.run(ask(address, Request(None, "Hello", 1))).events[0] - started
                figures = asyncio.run(ask_all(address, requests(options, number), options.clients))
                figures |= {"begin": begin, "resident": resident(process.pid)}
            found[side].append(figures)
            print(f"round {number + 1}  {side:13} {told(figures)}", file=sys.stderr, flush=True)
    text = report(options, {side: middle(rounds) for side, rounds in found.items()})
    print(text)
    if options.write:
        write(options, text)


def ours(options):
    sizes = ["--threads", options.threads, "--context", options.context, "--max-running", options.clients]
    cache = ["--cache-tokens", options.clients * options.context]
    return [options.yuyan, "serve", options.file, "--name", "model", *sizes, *cache, "--log-level", "error", "--port"]


def theirs(options):
    sizes = ["-t", options.threads, "-c", options.clients * options.context, "-np", options.clients]
    return [options.llama_server, "-m", options.file, *sizes, "--no-webui", "--log-disable", "--port"]


@contextmanager
def serving(command, options):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(word) for word in (*command, port)]
    before = hasten if options.urgent else None
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=before)
    try:
        address = Address("127.0.0.1", port)
        asyncio.run(ready(address, process))
        yield address, process, started
    finally:
        process.terminate()
        process.wait(30)


async def ready(address, process, patience=120):
    until = time.monotonic() + patience
    while time.monotonic() < until and process.poll() is None:
        try:
            if (await get(address, "/health"))[0] == 200:
                return
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        await asyncio.sleep(0.005)
    sys.exit(f"server: {process.args[0]} did not become ready")


def requests(options, number):
    rng = random.Random(f"{number}")

    def words(count):
        start = rng.randrange(len(WORDS) - count)
        return " ".join(WORDS[start : start + count])

    system = words(options.shared) if options.shared else None
    return [Request(system, words(options.words), options.answer) for _ in range(options.requests)]


def resident(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def middle(rounds):
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}


def told(figures):
    return ", ".join(f"{name} {value:,.3g}" for name, value in figures.items())


def report(options, sides):
    we, they = sides["yuyan"], sides["llama-server"]
    shared = f" after a shared system prompt of {options.shared} words" if options.shared else ""
    lines = [
        f"{options.file.name}: {options.clients} clients, {options.requests} requests of {options.words} words{shared}, {options.answer} tokens each,",
        f"greedy; medians of {options.rounds} cold rounds that take turns, {options.threads} threads, load {os.getloadavg()[0]:.0f}"
        f"{', both at the highest priority' if options.urgent else ''}; yuyan {commit()}, {RELEASE}, {datetime.date.today()}.",
        "",
        "| | yuyan | llama-server | ratio |",
        "|---|--:|--:|--:|",
    ]
    rows = [
        ("from process start to the first token (ms)", "begin", 1000, "{:,.0f}"),
        ("output tokens/s", "speed", 1, "{:,.0f}"),
        ("first token, p50 (ms)", "first p50", 1000, "{:,.0f}"),
        ("first token, p95 (ms)", "first p95", 1000, "{:,.0f}"),
        ("first token of the first request (ms)", "first of all", 1000, "{:,.0f}"),
        ("between tokens, p50 (ms)", "between p50", 1000, "{:,.0f}"),
        ("between tokens, p99 (ms)", "between p99", 1000, "{:,.0f}"),
        ("longest request (s)", "longest", 1, "{:,.1f}"),
        ("peak resident (MB)", "resident", 1e-6, "{:,.0f}"),
    ]
    for title, name, unit, form in rows:
        cells = [form.format(side[name] * unit) for side in (we, they)]
        lines.append(f"| {title} | {cells[0]} | {cells[1]} | {we[name] / they[name]:.2f} |")
    return "\n".join(lines)


def write(options, text):
    """In the place of the last run with that file and that system prompt, or first in its section."""
    mark = f"{options.file.stem}" + (f" shared {options.shared}" if options.shared else "")
    begin, end = f"<!-- server {mark}: begin -->", f"<!-- server {mark}: end -->"
    results = ROOT / "Benchmarks" / "RESULTS.md"
    page = results.read_text()
    if HEADING not in page:
        page += f"\n{HEADING}"
    if begin not in page:
        page = page.replace(HEADING, f"{HEADING}\n{begin}{end}\n")
    before, _, rest = page.partition(begin)
    results.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    main(arguments())

#!/usr/bin/env python3
"""How evenly tokens come while the server, or the machine, is disturbed: yuyan and llama-server by turns.

    Benchmarks/server/disturbed.py FILE [--rounds 3] [--write]

Four streams run, undisturbed; while three prompts of about 4,000 tokens arrive; and beside one busy process for each core.
Prints the time between tokens, medians of the rounds; `--write` puts it into Benchmarks/RESULTS.md.
"""

import argparse
import asyncio
import datetime
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from server import ROOT, WORDS, serving
from clients import Request, ask
from peer import RELEASE, Peer
from results import commit

HEADING = "## Evenness, disturbed\n"
MARKS = "<!-- disturbed {}: begin -->", "<!-- disturbed {}: end -->"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--streams", type=int, default=4)
    parser.add_argument("--answer", type=int, default=500, help="tokens of each stream")
    parser.add_argument("--words", type=int, default=2700, help="of a long prompt; about one and a half tokens each")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--yuyan", type=Path, default=ROOT / ".build" / "release" / "yuyan")
    parser.add_argument("--llama-server", type=Path, help="built from source unless told")
    parser.add_argument("--write", action="store_true", help="into Benchmarks/RESULTS.md")
    options = parser.parse_args()
    options.urgent = False
    return options


def main(options):
    options.llama_server = options.llama_server or Peer().prepare("server").programs / "llama-server"
    sides = {"yuyan": ours(options), "llama-server": theirs(options)}
    found = {(side, how): [] for side in sides for how in HOW}
    for _ in range(options.rounds):
        for side, command in sides.items():
            with serving(command, options) as (address, _, _):
                for how, disturbed in HOW.items():
                    figures = asyncio.run(disturbed(address, options))
                    found[side, how].append(figures)
                    print(f"{side:13} {how:38} {figures}", file=sys.stderr, flush=True)
    text = report(options, {key: [median(column) for column in zip(*rows)] for key, rows in found.items()})
    print(text)
    if options.write:
        write(options, text)


def ours(options):
    sizes = ["--threads", options.threads, "--cache-tokens", 8 * 8192, "--log-level", "error", "--speculation", "off"]
    return [options.yuyan, "serve", options.file, "--name", "model", *sizes, "--port"]


def theirs(options):
    sizes = ["-t", options.threads, "-c", 8 * 8192, "-np", 8]
    return [options.llama_server, "-m", options.file, *sizes, "--no-webui", "--log-disable", "--port"]


async def calm(address, options):
    return figures(await streams(address, options))


async def prompts(address, options):
    async def late(number):
        await asyncio.sleep(0.5 + 0.2 * number)
        words = WORDS[number * 3000 : number * 3000 + options.words]
        return await ask(address, Request(None, " ".join(words), 8))

    timings, *_ = await asyncio.gather(streams(address, options), *(late(number) for number in range(3)))
    return figures(timings)


async def neighbours(address, options):
    with busy(options.threads):
        return figures(await streams(address, options))


HOW = {"undisturbed": calm, "three prompts of 4,000 tokens arrive": prompts, "a busy process beside, on each core": neighbours}


@contextmanager
def busy(count):
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


async def streams(address, options):
    questions = ["Tell me a long story.", "How do swifts sleep?", "Describe a city.", "Explain rain."]
    asked = [Request(None, questions[number % 4], options.answer) for number in range(options.streams)]
    return await asyncio.gather(*(ask(address, request) for request in asked))


def figures(timings):
    """Median, p99 and longest gap in milliseconds, and tokens a second of all streams."""
    gaps = sorted(gap * 1000 for timing in timings for gap in timing.gaps)
    seconds = max(t.events[-1] for t in timings) - min(t.begin for t in timings)
    return gaps[len(gaps) // 2], gaps[int(len(gaps) * 0.99)], gaps[-1], (len(gaps) + len(timings)) / seconds


def report(options, found):
    lines = [
        f"{options.file.name}: {options.streams} streams of {options.answer} tokens, {options.threads} threads; medians of {options.rounds} rounds",
        f"that take turns, load {os.getloadavg()[0]:.0f} at the end; yuyan {commit()}, {RELEASE}, {datetime.date.today()}.",
        "",
        "| Between tokens (ms) | side | p50 | p99 | p99 ÷ p50 | longest | tokens/s |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for (side, how), (middle, late, longest, speed) in sorted(found.items(), key=lambda item: list(HOW).index(item[0][1])):
        lines.append(f"| {how} | {side} | {middle:.1f} | {late:.1f} | {late / middle:.1f} | {longest:.0f} | {speed:.0f} |")
    return "\n".join(lines)


def write(options, text):
    begin, end = (mark.format(options.file.stem) for mark in MARKS)
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

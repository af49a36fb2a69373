#!/usr/bin/env python3
"""What guessing ahead brings: one model served twice, with and without, asked the same by turns.

    python3 Benchmarks/speculation/speculation.py MODEL [--draft-model SMALL] [--rounds 5] [--tokens 256] [--binary FILE]

Prints a Markdown table of generated tokens per second, medians of the rounds, and fails if an answer differs. Only the
standard library is needed, and nothing but this machine is talked to.
"""

import argparse
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from served import Server

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Task:
    name: str
    prompts: list
    temperature: float = 0.0


def read(path, lines=None):
    return "\n".join((ROOT / path).read_text().split("\n")[:lines])


def edit(path, old, new):
    return f"Rename {old} to {new} and print the whole file.\n\n```\n{read(path)}\n```"


FREE = [
    "Tell a story about a swift that sleeps on the wing.", "How does a hash table work?", "请介绍一下北京的四季。",
    "Write a Python program that solves sudoku.", "Why is the sky blue?", "Plan a week of dinners for two.",
    "What makes a good commit message?", "Compare trains and planes for a trip of 800 km.",
]
TASKS = [
    Task("code editing, Swift", [edit("Sources/Inference/Scheduling/Recency.swift", "`Recency`", "`AgeOrder`")]),
    Task("code editing, Python", [edit("Benchmarks/soak/wire.py", "`Response`", "`Reply`")]),
    Task("quoting a document", ["Repeat this text word for word:\n\n" + read("Documentation/Decisions/0050-filters-are-thresholds.md")]),
    Task("free text, greedy", FREE[:1]),
    Task("free text, temperature 1", FREE[1:2], 1.0),
    Task("free text, Chinese, temperature 0.7", FREE[2:3], 0.7),
    Task("8 at once, free text, temperature 1", FREE, 1.0),
]


def measure(server, task, tokens):
    """Tokens a second, the answers, and how many guesses there were and how many were right."""
    start = time.monotonic()
    with ThreadPoolExecutor(len(task.prompts)) as pool:
        replies = list(pool.map(lambda prompt: server.ask(prompt, tokens, temperature=task.temperature), task.prompts))
    seconds = time.monotonic() - start
    total = sum(reply["usage"]["completion_tokens"] for reply in replies)
    guesses = sum(reply["timings"].get("draft_n", 0) for reply in replies)
    right = sum(reply["timings"].get("draft_n_accepted", 0) for reply in replies)
    alone = replies[0]["timings"]["generation_per_second"]
    speed = alone if len(replies) == 1 else total / seconds
    return speed, [reply["choices"][0]["message"]["content"] for reply in replies], right, guesses


def compare(servers, task, options):
    for server in servers.values():
        measure(server, task, 1)  # prompts are in the cache from here on
    speeds, ratios, row, same = {"on": [], "off": []}, [], None, True
    for round in range(options.rounds):
        order = ("on", "off") if round % 2 == 0 else ("off", "on")
        results = {which: measure(servers[which], task, options.tokens) for which in order}
        same = same and results["on"][1] == results["off"][1]
        for which in order:
            speeds[which].append(results[which][0])
        ratios.append(results["on"][0] / results["off"][0])
        row = results["on"][2:]
    on, off = (statistics.median(speeds[which]) for which in ("on", "off"))
    right, drafted = row
    print(f"| {task.name} | {off:.1f} | {on:.1f} | **{statistics.median(ratios):.2f}** | {right} of {drafted} |", flush=True)
    return same


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/yuyan"))
    parser.add_argument("--draft-model", help="a smaller model that guesses, beside the request's own text")
    parser.add_argument("--only", default="", help="tasks whose name contains this")
    options = parser.parse_args()
    servers = {}
    try:
        for which in ("on", "off"):
            draft = ["--draft-model", options.draft_model] if options.draft_model and which == "on" else []
            servers[which] = Server(options.binary, options.model, "--speculation", which, *draft)
        print("| Work | without | with | ratio | guessed right |\n|---|--:|--:|--:|--:|")
        same = [compare(servers, task, options) for task in TASKS if options.only in task.name]
        print("every answer was the same" if all(same) else "ANSWERS DIFFER")
        return 0 if all(same) else 1
    finally:
        for server in servers.values():
            server.stop()


if __name__ == "__main__":
    sys.exit(main())

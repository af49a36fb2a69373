#!/usr/bin/env python3
"""What share of a step choosing tokens takes, by kind of sampling, for one request and for many.

    python3 Benchmarks/speculation/sampling.py MODEL [--rounds 3] [--binary .build/release/yuyan …]

The server counts the seconds itself (/metrics); prints a Markdown table of microseconds a token and shares, medians. Several binaries take
turns, and are told apart by their names.
"""

import argparse
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from served import Server

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "greedy": {"temperature": 0.0, "top_p": 1.0},
    "temperature 1": {"temperature": 1.0, "top_p": 1.0},
    "top-p 0.95": {"temperature": 0.8, "top_p": 0.95},
    "top-k 40, top-p 0.95, min-p 0.05": {"temperature": 0.8, "top_p": 0.95, "top_k": 40, "min_p": 0.05},
    "repetition penalty, top-p 0.8": {"temperature": 0.7, "top_p": 0.8, "repetition_penalty": 1.1},
}
FIGURES = ["yuyan_sampling_seconds_total", "yuyan_step_seconds_sum", "yuyan_generated_tokens_total"]


def measure(server, count, sampling, tokens):
    """Microseconds of sampling a token, and its share of the steps."""
    before = [server.figure(name) for name in FIGURES]
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda number: server.ask(f"Tell story number {number}.", tokens, **sampling), range(count)))
    spent, steps, made = (server.figure(name) - old for name, old in zip(FIGURES, before))
    return spent / made * 1e6, spent / steps * 100


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--binary", nargs="+", default=[str(ROOT / ".build/release/yuyan")])
    options = parser.parse_args()
    servers = {}
    try:
        for binary in options.binary:
            servers[Path(binary).name] = Server(binary, options.model, "--speculation", "off")
        print("| Sampling | requests | " + " | ".join(f"{name}: µs a token | share of a step" for name in servers) + " |")
        print("|---|--:|" + "--:|--:|" * len(servers))
        for kind, sampling in KINDS.items():
            for count in (1, 32):
                print(f"| {kind} | {count} | {row(servers, count, sampling, options)} |", flush=True)
    finally:
        for server in servers.values():
            server.stop()


def row(servers, count, sampling, options):
    runs = {name: [] for name in servers}
    for _ in range(options.rounds):
        for name, server in servers.items():
            runs[name].append(measure(server, count, sampling, options.tokens))
    medians = [[statistics.median(column) for column in zip(*runs[name])] for name in servers]
    return " | ".join(f"{time:.0f} | {share:.1f} %" for time, share in medians)


if __name__ == "__main__":
    sys.exit(main())

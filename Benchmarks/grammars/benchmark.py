#!/usr/bin/env python3
"""Microseconds for each mask of a vocabulary of 150,000 tokens, ours, llguidance's and llama.cpp's, for ten schemas, in one run.

    python3 Benchmarks/grammars/benchmark.py ~/.yuyan/models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf [--rounds 20] \\
        [--llama]

Needs gguf, llguidance and numpy, in an environment of yours. All follow the same tokens of the same text; a grammar is compiled once, and the
first round, in which masks are new, is told by itself. With --llama, and xllamacpp in the environment, llama.cpp's own grammar sampler runs
beside, two rounds.
"""

import argparse
import json
import pathlib
import statistics
import tempfile
import time

import llguidance
import llguidance.numpy
import llama_cpp
import ours

HERE = pathlib.Path(__file__).parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--llama", action="store_true", help="llama.cpp as well; built where it is not there")
    options = parser.parse_args()
    tokens = ours.vocabulary(options.model)
    print(f"{len(tokens)} tokens; microseconds for each mask: median, p99; 'first' is the first round")
    print(f"{'schema':10} {'tokens':>6} {'compile ms':>17} {'ours':>14} {'llguidance':>14} {'ratio':>6} {'first ours':>18} {'first theirs':>18}")
    ratios, others = [], []
    llama = llama_cpp.LlamaCpp(options.model) if options.llama else None
    with tempfile.TemporaryDirectory() as folder:
        mine = ours.Ours(ours.compiled(), "masks", tokens, folder)
        theirs = Theirs(tokens)
        for case in json.loads((HERE / "schemas.json").read_text()):
            text = longest(case["text"].encode(), tokens)
            answer = [int(part) for part in mine.ask(schema=case["schema"], tokens=text, rounds=options.rounds).split()]
            assert answer != [-1], f"{case['name']}: our mask lacks a token"
            masks, drawn = answer[1::2], answer[2::2]
            compiling, others_masks = theirs.measure(case["schema"], text, options.rounds)
            ratios.append(report(case["name"], len(text), answer[0], masks, compiling, others_masks))
            print(f"{case['name']:10} one token, which is looked up before any mask is made: {pair(drawn)}, first {pair(drawn[:len(text)])}")
            if llama:
                others.append(compare(case["name"], masks[len(text):], *llama.measure(case["schema"], text, 2)))
    print(f"median of the ratios: {statistics.median(ratios):.2f}")
    known = [ratio for ratio in others if ratio]
    if known:
        print(f"llama.cpp (xllamacpp {llama.version}): median of the ratios {statistics.median(known):.5f}, greatest {max(known):.5f}")


def report(name, count, compiling, masks, their_compiling, others):
    a, b = masks[count:] or masks, others[count:] or others
    ratio = statistics.median(a) / statistics.median(b)
    print(
        f"{name:10} {count:6} {compiling / 1e6:8.2f} {their_compiling / 1e6:8.2f} {pair(a):>14} {pair(b):>14} {ratio:6.2f}"
        f" {pair(masks[:count]):>18} {pair(others[:count]):>18}",
        flush=True,
    )
    return ratio


def compare(name, masks, compiling, others, checks):
    """Prints llama.cpp's side; returns how long our masks take for each of its, by the median."""
    if others is None:
        print(f"{name:10} llama.cpp: its grammar does not have the text")
        return None
    ratio = statistics.median(masks) / statistics.median(others)
    print(f"{name:10} llama.cpp: compile {compiling / 1e6:.2f} ms, masks {pair(others)}, one token {pair(checks)}, ratio {ratio:.5f}", flush=True)
    return ratio


def pair(times):
    times = sorted(times)
    return f"{statistics.median(times) / 1e3:.1f}, {times[min(len(times) - 1, int(len(times) * 0.99))] / 1e3:.1f}"


def longest(text, tokens):
    """The text as tokens, each as long as can be."""
    numbers = {token: number for number, token in reversed(list(enumerate(tokens))) if token}
    most, found = max(map(len, numbers)), []
    while text:
        size = next(size for size in range(min(most, len(text)), 0, -1) if text[:size] in numbers)
        found.append(numbers[text[:size]])
        text = text[size:]
    return found


class Theirs:
    def __init__(self, tokens):
        class Vocabulary:
            eos_token_id, bos_token_id = len(tokens) - 1, None
            special_token_ids = [number for number, token in enumerate(tokens) if not token]

            def __call__(self, text):
                return longest(text, tokens)

        Vocabulary.tokens = [token or f"<special {number}>".encode() for number, token in enumerate(tokens)]
        slices = llguidance.LLTokenizer.json_slices()
        self.tokenizer = llguidance.LLTokenizer(llguidance.TokenizerWrapper(Vocabulary()), slices=slices)
        self.mask = llguidance.numpy.allocate_token_bitmask(1, len(tokens))

    def measure(self, schema, text, rounds):
        start = time.perf_counter_ns()
        grammar = llguidance.LLMatcher.grammar_from_json_schema(schema)
        matcher = llguidance.LLMatcher(self.tokenizer, grammar)
        compiling, times = time.perf_counter_ns() - start, []
        for _ in range(rounds):
            own = matcher.deep_copy()
            for token in text:
                start = time.perf_counter_ns()
                llguidance.numpy.fill_next_token_bitmask(own, self.mask, 0)
                times.append(time.perf_counter_ns() - start)
                assert own.consume_token(token), own.get_error()
        return compiling, times


if __name__ == "__main__":
    main()

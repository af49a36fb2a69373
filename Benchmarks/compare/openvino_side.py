"""OpenVINO GenAI's speed on a GGUF file, as JSON; `compare.py` runs it in an environment that has the library.

    openvino_side.py FILE --threads 2 --repeat 3 [--full]

Prompts are random tokens, another sort each time, so that no cache knows them. Generation is the mean time per token that the
library reports, without the first.
"""

import argparse
import json

import numpy
import openvino
import openvino_genai as genai


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    scheduler = genai.SchedulerConfig()
    scheduler.enable_prefix_caching = False
    pipeline = genai.LLMPipeline(options.file, "CPU", scheduler_config=scheduler, INFERENCE_NUM_THREADS=options.threads)
    random = numpy.random.default_rng(1)

    def generate(rows, prompt, answer):
        tokens = random.integers(1000, 30000, (rows, prompt), dtype=numpy.int64)
        inputs = genai.TokenizedInputs(openvino.Tensor(tokens), openvino.Tensor(numpy.ones_like(tokens)))
        return pipeline.generate(inputs, max_new_tokens=answer, ignore_eos=True, do_sample=False).perf_metrics

    def prompt(count):
        return count / generate(1, count, 1).get_ttft().mean * 1000

    def answer(depth, rows):
        metrics = generate(rows, depth or 8, 128)
        # With several rows the time per token says nothing of them together; their few prompt tokens count, then.
        return 1000 / metrics.get_tpot().mean if rows == 1 else rows * 128_000 / metrics.get_generate_duration().mean

    works = [("prompt", 512, 0, 1), ("generation", 128, 0, 1)]
    if options.full:
        works += [("prompt", 4096, 0, 1), ("generation", 128, 4096, 1)]
        works += [("generation", 128, 0, rows) for rows in (4, 8, 16, 32)]
    generate(1, 512, 2)
    found = []
    for kind, tokens, depth, rows in works:
        speeds = [prompt(tokens) if kind == "prompt" else answer(depth, rows) for _ in range(options.repeat)]
        found.append({"kind": kind, "tokens": tokens, "depth": depth, "batch": rows, "speeds": speeds})
    print(json.dumps(found))


main()

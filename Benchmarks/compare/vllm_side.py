"""vLLM's speed on its CPU backend, on a folder in the Hub's layout, as JSON; `compare.py` runs it in an environment that has the library.

    vllm_side.py FOLDER --threads 2 --repeat 3 [--full]

Its backend reads no GGUF file, so it has float weights, as bfloat16. Prompts are random tokens, another sort each time, so that no
cache knows them. The time of a prompt is that of its first token; of an answer, what its tokens take beyond the first one's.
"""

import argparse
import json
import os
import random
import time

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--repeat", type=int, default=3)
parser.add_argument("--full", action="store_true")
options = parser.parse_args()
os.environ |= {
    "VLLM_CPU_OMP_THREADS_BIND": f"0-{options.threads - 1}", "VLLM_CPU_KVCACHE_SPACE": "4", "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0", "HF_HUB_OFFLINE": "1",
}  # fmt: skip

from vllm import LLM, SamplingParams  # noqa: E402

numbers = random.Random(1)


def took(model, rows, prompt, answer):
    """Seconds to generate so many tokens for each of so many prompts."""
    prompts = [{"prompt_token_ids": numbers.choices(range(1000, 30000), k=prompt)} for _ in range(rows)]
    sampling = SamplingParams(max_tokens=answer, ignore_eos=True, temperature=0, detokenize=False)
    began = time.perf_counter()
    model.generate(prompts, sampling, use_tqdm=False)
    return time.perf_counter() - began


def speed(model, kind, tokens, depth, rows):
    if kind == "prompt":
        return tokens / took(model, 1, tokens, 1)
    long, short = (took(model, rows, depth or 8, count) for count in (tokens + 1, 1))
    return rows * tokens / (long - short)


def main():
    model = LLM(
        options.folder, dtype="bfloat16", max_model_len=4352, max_num_seqs=32, enable_prefix_caching=False, skip_tokenizer_init=True,
        max_num_batched_tokens=4352,
    )  # fmt: skip
    works = [("prompt", 512, 0, 1), ("generation", 128, 0, 1)]
    if options.full:
        works += [("prompt", 4096, 0, 1), ("generation", 128, 4096, 1)]
        works += [("generation", 128, 0, rows) for rows in (4, 8, 16, 32)]
    took(model, 1, 512, 2)
    found = []
    for kind, tokens, depth, rows in works:
        speeds = [speed(model, kind, tokens, depth, rows) for _ in range(options.repeat)]
        found.append({"kind": kind, "tokens": tokens, "depth": depth, "batch": rows, "speeds": speeds})
    print(json.dumps(found))


main()

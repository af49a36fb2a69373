#!/usr/bin/env python3
"""Runs other people's evaluators to a score, against a running server.

    evaluate.py lm-eval --base-url http://127.0.0.1:8080 --out FOLDER     in an environment of evaluators/lm-eval.txt
    evaluate.py bfcl    --base-url …                     --out FOLDER     in an environment of evaluators/bfcl.txt

The tasks are in `evaluators/tasks`; BFCL's questions come with its package. Nothing is fetched. A score that only chance would give is
a failure. The last line is `N passed, N failed`; FOLDER/NAME.json has the scores.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from target import Target

HERE = Path(__file__).resolve().parent / "evaluators"
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def lm_eval(target: Target, out: Path) -> dict[str, tuple[float, float]]:
    """Scores by `local-completions` with the server's own tokenizer: each with the least that is more than chance."""
    arguments = {
        "model": target.model, "base_url": target.base + "/v1/completions", "tokenizer_backend": "remote",
        "num_concurrent": 4, "max_length": 2048, "tokenized_requests": True, "max_retries": 1,
    }
    command = [
        sys.executable, "-m", "lm_eval", "run", "--model", "local-completions",
        "--model_args", ",".join(f"{name}={value}" for name, value in arguments.items()),
        "--tasks", "opposites,counting", "--include_path", "tasks", "--output_path", out / "lm-eval",
    ]
    cache = {"HF_HOME": str(out / "huggingface")}
    subprocess.run(list(map(str, command)), cwd=HERE, env=os.environ | OFFLINE | cache, check=True)
    results = json.loads(max((out / "lm-eval").glob("**/results_*.json")).read_text())["results"]
    return {
        "opposites, acc": (results["opposites"]["acc,none"], 0.5),
        "counting, exact_match": (results["counting"]["exact_match,none"], 0.5),
    }


def bfcl(target: Target, out: Path) -> dict[str, tuple[float, float]]:
    from evaluators.bfcl import scores

    return scores(target, out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("evaluator", choices=["lm-eval", "bfcl"])
    parser.add_argument("--base-url", required=True, help="without /v1")
    parser.add_argument("--out", type=Path, required=True, help="a folder for results")
    options = parser.parse_args()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    evaluator = {"lm-eval": lm_eval, "bfcl": bfcl}[options.evaluator]
    target = Target(options.base_url.rstrip("/"))
    found = evaluator(target, out)
    (out / f"{options.evaluator}.json").write_text(json.dumps({name: score for name, (score, _) in found.items()}, indent=1))
    for name, (score, least) in found.items():
        print(f"{'ok' if score >= least else 'FAIL':4} {options.evaluator}: {name} {score:.3f} of at least {least} ({target.model})")
    passed = sum(score >= least for score, least in found.values())
    print(f"\n{passed} passed, {len(found) - passed} failed", flush=True)
    return 0 if passed == len(found) else 1


if __name__ == "__main__":
    sys.exit(main())

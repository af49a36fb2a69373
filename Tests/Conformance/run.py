#!/usr/bin/env python3
"""Checks a running server the way its clients use it.

    run.py wire      --base-url http://127.0.0.1:8080     the standard library only: HTTP itself, and what lm-eval sends
    run.py openai    --base-url …                         in an environment with an `openai` of any major version
    run.py busy      --base-url …                         the same, against a server with --max-running 1 --max-queued 2
    run.py vectors   --base-url …                         the same, against a server of a model that makes vectors
    run.py adapters  --base-url …                         the same, against a server with --adapter one=… --adapter two=…
    run.py tuning    --base-url …                         the same, against a server that keeps files and trains
    run.py langchain --base-url …                         in an environment with `langchain-openai`
    run.py shapes    --base-url …                         the standard library only: every answer against OpenAI's own description
    run.py ollama    --base-url …                         in an environment with `ollama`
    run.py models    --base-url … --file FILE             the same, against a server whose store may be changed; FILE is its model's
    run.py ollama-vectors                                 the same, against a server of a model that makes vectors
    run.py cross     --base-url …                         the standard library only: every dialect says the same
    run.py session-save, session-restore --notes FILE     the standard library only: two servers, one after the other
    run.py thinking  --base-url …                         the standard library only: against a server of the model that thinker/make.py
                                                          writes and `yuyan train` trains
    run.py forms-openai, forms-ollama, forms-anthropic    structured output and tools, in those environments (`anthropic` of any
                                                          major version): against a server of a model that knows tools

Any OpenAI server can be checked; `clients/` lists the versions that CI runs. The last line is `N passed, N failed`.
"""

import argparse
import asyncio
import importlib.util
import inspect
import os
import sys
import time
import traceback
from pathlib import Path

from target import Target
from witness import Witness

SUITES = {
    "cross": ["cross_dialects"],
    "session-save": ["session_save"],
    "session-restore": ["session_restore"],
    "models": ["ollama_models"],
    "thinking": ["thinking"],
    "ollama-vectors": ["ollama_vectors"],
    "wire": ["wire_http", "wire_stream", "wire_refusals", "wire_fields", "wire_lm_eval"],
    "openai": ["openai_chat", "openai_sampling", "openai_completions", "openai_errors", "openai_async"],
    "forms-openai": ["openai_forms", "openai_responses"],
    "shapes": ["openai_shapes"],
    "forms-ollama": ["ollama_forms"],
    "forms-anthropic": ["anthropic_messages"],
    "busy": ["openai_busy"],
    "vectors": ["openai_vectors"],
    "adapters": ["openai_adapters"],
    "tuning": ["openai_files", "openai_fine_tuning"],
    "langchain": ["langchain_chat"],
    "ollama": ["ollama_chat"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("--base-url", required=True, help="without /v1")
    parser.add_argument("--model", help="the first one that the server lists, unless told")
    parser.add_argument("--only", help="checks with this in their name")
    parser.add_argument("--file", type=Path, help="the file of the model that is served")
    parser.add_argument("--notes", type=Path, help="what one suite tells another")
    options = parser.parse_args()
    target = Target(options.base_url.rstrip("/"), options.model)
    target.file, target.notes, target.witness = options.file, options.notes, Witness(os.environ.get("YUYAN_PROOFS"))
    for name in filter(importlib.util.find_spec, ("httpx", "httpx2")):
        target.witness.follow(importlib.import_module(name))
    results = [
        perform(check, target)
        for module in SUITES[options.suite]
        for check in checks_in(importlib.import_module(module))
        if not options.only or options.only in check.__name__
    ]
    print(f"\n{sum(results)} passed, {len(results) - sum(results)} failed", flush=True)
    return 0 if all(results) else 1


def checks_in(module):
    """The functions of a module whose only parameter is `target`, in the order of the file."""
    functions = (value for value in vars(module).values() if inspect.isfunction(value))
    return [
        function
        for function in functions
        if function.__module__ == module.__name__ and list(inspect.signature(function).parameters) == ["target"]
    ]


def perform(check, target) -> bool:
    began, problem, target.witness.check = time.monotonic(), None, check
    try:
        outcome = check(target)
        if inspect.isawaitable(outcome):
            asyncio.run(outcome)
    except Exception as error:
        problem = error
    print(f"{'FAIL' if problem else 'ok':4} {check.__name__.replace('_', ' ')} ({time.monotonic() - began:.2f} s)")
    if problem:
        ours = (frame for frame in traceback.extract_tb(problem.__traceback__) if frame.name == check.__name__)
        where = next(ours, traceback.extract_tb(problem.__traceback__)[-1])
        print(f"     {type(problem).__name__}: {str(problem)[:600]}\n     {where.name}, line {where.lineno}: {where.line}")
    sys.stdout.flush()
    return problem is None


if __name__ == "__main__":
    sys.exit(main())

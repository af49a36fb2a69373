#!/usr/bin/env python3
"""Checks the executable as a person at a terminal and a script meet it: real processes, a real pseudo-terminal.

    run.py --yuyan .build/release/yuyan --models ~/.yuyan/models [--only WORD]

`--models` is a folder with the small model (SmolLM2-135M-Instruct). The standard library is all it needs; nothing leaves this
machine. The last line is `N passed, N failed, N skipped`.
"""

import argparse
import importlib
import inspect
import sys
import tempfile
import time
import traceback
from pathlib import Path

from command import Command, Skip

MODULES = ["chat_answers", "chat_commands", "chat_leaving", "run_output", "run_sessions", "pull_resumes", "serve_ends", "bench_figures"]
MODULES += ["disk_full", "store_state", "quantizing", "serve_many", "serve_vectors", "thread_counts", "plan_memory"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--yuyan", required=True, type=Path)
    parser.add_argument("--models", required=True, type=Path)
    parser.add_argument("--only", default="", help="checks with this in their name")
    options = parser.parse_args()
    results = [
        perform(check, options)
        for module in MODULES
        for check in checks_in(importlib.import_module(module))
        if options.only in check.__name__
    ]
    counts = {result: results.count(result) for result in ("ok", "FAIL", "skip")}
    print(f"\n{counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped", flush=True)
    return 1 if counts["FAIL"] or not counts["ok"] else 0


def checks_in(module):
    """The functions of a module whose only parameter is `yuyan`, in the order of the file."""
    functions = (value for value in vars(module).values() if inspect.isfunction(value))
    own = (function for function in functions if function.__module__ == module.__name__)
    return [function for function in own if list(inspect.signature(function).parameters) == ["yuyan"]]


def perform(check, options) -> str:
    began, result, words = time.monotonic(), "ok", ""
    with tempfile.TemporaryDirectory(prefix="yuyan-terminal-") as home:
        try:
            check(Command(options.yuyan.resolve(), models(options.models), Path(home)))
        except Skip as reason:
            result, words = "skip", f": {reason}"
        except Exception as problem:
            result, words = "FAIL", f"\n     {type(problem).__name__}: {str(problem)[:2000]}\n{where(problem, check)}"
    print(f"{result:4} {check.__name__.replace('_', ' ')} ({time.monotonic() - began:.1f} s){words}", flush=True)
    return result


def models(folder: Path) -> list[Path]:
    return sorted(folder.resolve().glob("SmolLM2-135M-Instruct*.gguf"))


def where(problem, check) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    frame = next((each for each in reversed(frames) if each.name == check.__name__), frames[-1])
    return f"     {frame.name}, line {frame.lineno}: {frame.line}"


if __name__ == "__main__":
    sys.exit(main())

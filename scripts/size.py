#!/usr/bin/env python3
"""Prints how long our files and functions are, and fails where one is over budget.

A file has at most 300 lines, a function at most 40 (STYLE, rule 9). What must be longer stands in
`scripts/size-exceptions.txt` with its length and a reason; an entry that is exceeded or no longer needed fails too.
Lengths of functions come from matching braces (Python: from its syntax tree).
"""

import ast
import re
import statistics
import subprocess
import sys
from pathlib import Path

from checks.source import functions

ROOT = Path(__file__).resolve().parents[1]
FILE_BUDGET, FUNCTION_BUDGET = 300, 40
SUFFIXES = {".swift", ".c", ".h", ".js", ".mjs", ".py"}
EXCEPTIONS = ROOT / "scripts" / "size-exceptions.txt"


def main() -> int:
    rooms: dict[str, list] = {}
    for path in sources():
        text = (ROOT / path).read_text()
        rooms.setdefault(room(path), []).append((path, text.count("\n"), lengths(path, text)))
    table(rooms)
    problems = over_budget([file for files in rooms.values() for file in files])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def sources() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split("\n")
    ours = (path for path in listed if Path(path).suffix in SUFFIXES and "/vendor/" not in path)
    return sorted(path for path in ours if (ROOT / path).is_file())


def room(path: str) -> str:
    parts = Path(path).parts
    if parts[:3] == ("Sources", "Server", "Console"):
        return "/".join(parts[:3])
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def lengths(path: str, text: str) -> list[tuple[str, int]]:
    if path.endswith(".py"):
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        found = (node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))
        return [(node.name, node.end_lineno - node.lineno + 1) for node in found]
    return functions(text, Path(path).suffix)


def table(rooms) -> None:
    print(f"{'room':28} {'files':>5}  {'lines':>6}  lines/file          lines/function   > {FUNCTION_BUDGET}")
    for name, files in sorted(rooms.items()):
        row(name, files)
    row("all", [file for files in rooms.values() for file in files])


def row(name: str, files) -> None:
    lines = [count for _, count, _ in files]
    lengths = [length for _, _, functions in files for _, length in functions] or [0]
    long = sum(length > FUNCTION_BUDGET for length in lengths) / len(lengths)
    print(
        f"{name:28} {len(files):5}  {sum(lines):6}  {statistics.median(lines):4.0f} · {p90(lines):4} · {max(lines):4}"
        f"   {statistics.median(lengths):6.0f} · {p90(lengths):3}  {long:8.1%}"
    )


def p90(values: list[int]) -> int:
    return sorted(values)[max(0, -(-len(values) * 9 // 10) - 1)]


def over_budget(files) -> list[str]:
    sizes = {path: count for path, count, _ in files if count > FILE_BUDGET}
    for path, _, found in files:
        for name, length in found:
            if length > FUNCTION_BUDGET:
                sizes[f"{path}#{name}"] = max(length, sizes.get(f"{path}#{name}", 0))
    allowed = exceptions()
    budget = {key: FUNCTION_BUDGET if "#" in key else FILE_BUDGET for key in sizes}
    grown = [
        f"too long: {key} has {size} lines, {allowed.get(key, budget[key])} are allowed"
        for key, size in sorted(sizes.items())
        if size > allowed.get(key, budget[key])
    ]
    stale = [f"no longer needed: {key} in {EXCEPTIONS.name}" for key in sorted(allowed) if key not in sizes]
    return grown + stale


def exceptions() -> dict[str, int]:
    entry = re.compile(r"^(\S+)\s+(\d+)\s+\S")
    lines = EXCEPTIONS.read_text().splitlines()
    return {match[1]: int(match[2]) for line in lines if not line.startswith("#") and (match := entry.match(line))}


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Checks train.jsonl and test.jsonl: their form, their balance, and that no complaint is (nearly) in both.

Two complaints are near-duplicates where they share more than a quarter of their character 3-grams (Jaccard), or a run of
10 characters.
"""

import sys
from collections import Counter
from pathlib import Path

from form import DEPARTMENTS, URGENCY, read, rows

HERE = Path(__file__).parent
SIMILAR, RUN = 0.25, 10


def main() -> int:
    parts = {name: rows(HERE / name) for name in ("train.jsonl", "test.jsonl")}
    problems = [problem for name, part in parts.items() for problem in form(name, part)]
    for name, part in parts.items():
        table(name, part)
        problems += twins(complaints(part), complaints(part), f"{name}: ", same=True)
    problems += twins(complaints(parts["train.jsonl"]), complaints(parts["test.jsonl"]), "in both: ")
    systems = {row["messages"][0]["content"] for part in parts.values() for row in part}
    problems += [] if len(systems) == 1 else ["system messages differ"]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def form(name: str, part: list[dict]) -> list[str]:
    problems = []
    for number, row in enumerate(part, 1):
        roles = [message["role"] for message in row["messages"]]
        if roles != ["system", "user", "assistant"] or read(row["messages"][2]["content"]) is None:
            problems.append(f"{name}:{number}: not a system message, a complaint and an answer of the form")
    return problems


def table(name: str, part: list[dict]) -> None:
    answers = [read(row["messages"][2]["content"]) or {} for row in part]
    urgency = Counter(answer.get("紧急") for answer in answers)
    print(f"{name}: {len(part)} rows; " + ", ".join(f"{word} {urgency[word]}" for word in URGENCY))
    counts = Counter((answer.get("部门"), answer.get("类别")) for answer in answers)
    for department, categories in DEPARTMENTS.items():
        print(f"  {department}: " + ", ".join(f"{word} {counts[department, word]}" for word in categories))


def complaints(part: list[dict]) -> list[str]:
    return [row["messages"][1]["content"] for row in part]


def twins(some: list[str], others: list[str], lead: str, same: bool = False) -> list[str]:
    grams = [(text, grams_of(text, 3), grams_of(text, RUN)) for text in others]
    problems = []
    for number, text in enumerate(some):
        threes, runs = grams_of(text, 3), grams_of(text, RUN)
        for other, their_threes, their_runs in grams[number + 1 :] if same else grams:
            if len(threes & their_threes) > SIMILAR * len(threes | their_threes) or runs & their_runs:
                problems.append(f"{lead}“{text}” and “{other}”")
    return problems


def grams_of(text: str, length: int) -> set[str]:
    return {text[i : i + length] for i in range(len(text) - length + 1)}


if __name__ == "__main__":
    sys.exit(main())

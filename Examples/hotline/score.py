#!/usr/bin/env python3
"""Asks an OpenAI-compatible server every test complaint, greedily, and prints how many answers are right.

Usage: score.py BASE_URL MODEL [--rows FILE] [--guide] [--answers FILE] [--key KEY]

Before and after fine-tuning: the same rows, the same system message. --guide adds the list of departments and categories
to it, so that an untaught model has a chance to know them. Field by field, what stands behind the field's name is compared,
even where the form is wrong; “all” needs the exact form and all three fields.
"""

import argparse
import json
import os
import sys
import urllib.request
from collections import Counter
from pathlib import Path

from form import FIELDS, guide, loose, read, rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url", help="such as http://127.0.0.1:8080/v1")
    parser.add_argument("model")
    parser.add_argument("--rows", type=Path, default=Path(__file__).parent / "test.jsonl")
    parser.add_argument("--guide", action="store_true", help="list departments and categories in the system message")
    parser.add_argument("--answers", type=Path, help="write complaint, expected and given answers here as JSONL")
    parser.add_argument("--key", default=os.environ.get("OPENAI_API_KEY", "none"))
    choice = parser.parse_args()
    tested = rows(choice.rows)
    results = []
    for number, row in enumerate(tested, 1):
        results.append(Result(row, ask(choice, row)))
        if sys.stderr.isatty():
            print(f"\r{number}/{len(tested)}", end="", file=sys.stderr)
    print(report(results))
    if choice.answers:
        text = "".join(json.dumps(result.record(), ensure_ascii=False) + "\n" for result in results)
        choice.answers.write_text(text, encoding="utf-8")
    return 0


class Result:
    """An answer beside the expected one."""

    def __init__(self, row: dict, answer: str):
        self.complaint, self.expected = row["messages"][1]["content"], row["messages"][2]["content"]
        self.answer = answer
        wanted, given = read(self.expected), loose(answer)
        self.right = {field: given.get(field) == wanted[field] for field in FIELDS}
        self.has_form = read(answer) is not None
        self.department = wanted["部门"]

    @property
    def is_right(self) -> bool:
        return self.has_form and all(self.right.values())

    def record(self) -> dict:
        return {"complaint": self.complaint, "expected": self.expected, "answer": self.answer, "right": self.is_right}


def ask(choice: argparse.Namespace, row: dict) -> str:
    messages = [dict(message) for message in row["messages"][:2]]
    messages[0]["content"] += guide() if choice.guide else ""
    body = {"model": choice.model, "messages": messages, "temperature": 0, "max_tokens": 64}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {choice.key}"}
    request = urllib.request.Request(
        choice.base_url.rstrip("/") + "/chat/completions", json.dumps(body).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=300) as response:
        return json.load(response)["choices"][0]["message"]["content"] or ""


def report(results: list[Result]) -> str:
    def line(name: str, right: int, of: int) -> str:
        return f"{name:6}\t{right}/{of}\t{100 * right / of:.1f} %"

    lines = [line("form", sum(r.has_form for r in results), len(results))]
    names = dict(zip(FIELDS, ("department", "category", "urgency")))
    lines += [line(names[field], sum(r.right[field] for r in results), len(results)) for field in FIELDS]
    lines.append(line("all", sum(r.is_right for r in results), len(results)))
    asked = Counter(r.department for r in results)
    right = Counter(r.department for r in results if r.is_right)
    lines += ["", *(line(name, right[name], count) for name, count in sorted(asked.items()))]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

"""The marks of Documentation/Dialects.md against what the tests really sent.

The Swift tests and the checks of Tests/Conformance note every request that they make, and what came of it. A mark of the table
holds where one of the tests that it names has sent the field to the route, and was answered; one of those under "bad input" must
have been refused, with the field in the refusal.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from .conformance import TOOLS_MODEL
from .outcome import Counts, Skipped, StepFailed

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Mark:
    """A line of the table, of one field or of none."""

    method: str
    route: str
    field: str | None
    refuses: bool
    proofs: list[str]
    refusals: list[str]

    def problems(self, notes) -> list[str]:
        found = []
        shown = self.is_refused if self.refuses else self.is_answered
        if not any(shown(note) for note in made_by(self.proofs, notes)):
            found.append(f"{self}: none of {', '.join(self.proofs) or 'no tests'} {'has it refused' if self.refuses else 'sends it'}")
        if self.refusals and not any(self.is_refused(note) for note in made_by(self.refusals, notes)):
            found.append(f"{self}: none of {', '.join(self.refusals)} sends it wrong and is told so")
        return found

    def is_here(self, note) -> bool:
        pattern = re.sub(r":\w+", "[^/?]+", self.route)
        return note["method"] == self.method and bool(re.fullmatch(pattern + r"(\?.*)?", note["path"]))

    def is_answered(self, note) -> bool:
        return self.is_here(note) and note["status"] < 400 and (self.field is None or self.field in note["fields"])

    def is_refused(self, note) -> bool:
        return self.is_here(note) and note["status"] >= 400 and (self.field is None or self.is_named(note["answer"]))

    def is_named(self, answer: str) -> bool:
        return bool(re.search(rf"['\"]{re.escape(self.field)}['\".\[]", answer))

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.field or ''}".strip()


def table(text: str) -> list[Mark]:
    marks = []
    for row in (line for line in text.splitlines() if line.startswith("| `")):
        cells = [re.findall(r"`([^`]+)`", cell) for cell in row.split("|")]
        method, route = cells[1][0].split()
        refuses = "refused" in row.split("|")[3] and "✓" not in row.split("|")[3]
        marks += [Mark(method, route, field, refuses, cells[4], cells[5]) for field in cells[2] or [None]]
    return marks


def made_by(tests: list[str], notes):
    """The notes of those tests, which are named `Suite.test` or `module.check`."""
    for test in tests:
        yield from notes.get(test, ())


def fields_of(body, place: str = "") -> set[str]:
    """The places in a body that have something: `options`, `options.seed`, `messages[0].images`."""
    found = set()
    if isinstance(body, dict):
        for name, value in ((name, value) for name, value in body.items() if value is not None):
            inner = f"{place}.{name}" if place else name
            found |= {inner} | fields_of(value, inner)
    elif isinstance(body, list):
        for index, value in enumerate(body[:4]):
            found |= fields_of(value, f"{place}[{index}]")
    return found


def read(folder: Path) -> dict[str, list[dict]]:
    """By test, under every name that the table may have for it."""
    notes: dict[str, list[dict]] = {}
    suites = suites_by_file()
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            note = json.loads(line)
            note["fields"] = fields_of(note["body"])
            for suite in suites.get(note["file"], [note["file"].removesuffix(".py")]):
                notes.setdefault(f"{suite}.{note['test']}", []).append(note)
    return notes


def suites_by_file() -> dict[str, list[str]]:
    files = (ROOT / "Tests").rglob("*.swift")
    return {file.name: re.findall(r"@Suite\b[^{]*?struct (\w+)", file.read_text()) for file in files}


def marks(house) -> Counts:
    """the table of dialects against what the tests sent"""
    notes = read(house.proofs)
    if not any(name[0].isupper() for name in notes) or not any(name[0].islower() for name in notes):
        raise Skipped("it needs what the steps tests and conformance noted; run them first")
    if not any(house.models.glob(f"{TOOLS_MODEL}*.gguf")):
        raise Skipped(f"{TOOLS_MODEL} is not in {house.models}: not all clients were run")
    every = table((ROOT / "Documentation" / "Dialects.md").read_text())
    problems = [problem for mark in every for problem in mark.problems(notes)]
    for problem in problems:
        print(problem, flush=True)
    counts = Counts(passed=len(every) - len(problems), failed=len(problems))
    if problems:
        raise StepFailed("marks that nothing proves", counts)
    return counts

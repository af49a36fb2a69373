"""What a step can come to, and how the closing lines of test runners are read."""

import re
from dataclasses import dataclass


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


class Skipped(Exception):
    """The step cannot run here; the message says why."""


class StepFailed(Exception):
    """The step ran and found something; the message says what."""

    def __init__(self, message: str, counts: Counts = Counts(failed=1)):
        super().__init__(message)
        self.counts = counts if counts.failed else counts + Counts(failed=1)


SWIFT = re.compile(r"Test run with (\d+) tests?\b.* (passed|failed) after")
SWIFT_FAILED = re.compile(r"^\S+\s+Test (?!run with).* failed after", re.MULTILINE)
SWIFT_SKIPPED = re.compile(r"^\S+\s+Test (?!run with).* skipped", re.MULTILINE)
NODE = re.compile(r"^(?:#|ℹ) (pass|fail|skipped) (\d+)$", re.MULTILINE)
PLAIN = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
UNITTEST = re.compile(r"^Ran (\d+) tests?\b", re.MULTILINE)
UNITTEST_FAILED = re.compile(r"^FAILED \((.*)\)$", re.MULTILINE)


TELLING = re.compile(r"^✘|^not ok|\b(FAILED|FAIL|[Ff]atal|error:|signal|Traceback|crash)")
FRAME = re.compile(r"^\d+ .* at \S*/(Sources|Tests)/\S+:\d+")  # of a crash's backtrace, in a file of ours


def telling_lines(output: str, most: int = 12) -> list[str]:
    """What a failed step's output says of the failure: the lines that look like one, where it crashed, and the last three."""
    lines = output.splitlines()
    found = [place for place, line in enumerate(lines) if TELLING.search(line)]
    frames = [place for place, line in enumerate(lines) if FRAME.search(line)]
    kept = sorted({*found[-most:], *frames[:most], *range(max(0, len(lines) - 3), len(lines))})
    return [lines[place][:400] for place in kept]


def counts_in(output: str) -> Counts:
    """Sums the closing lines that Swift Testing, node, unittest and our own scripts print."""
    total = Counts()
    for match in PLAIN.finditer(output):
        total += Counts(*(int(number or 0) for number in match.groups()))
    node = {}
    for name, number in NODE.findall(output):
        node[name] = node.get(name, 0) + int(number)
    total += Counts(node.get("pass", 0), node.get("fail", 0), node.get("skipped", 0))
    if runs := SWIFT.findall(output):
        failed, skipped = len(SWIFT_FAILED.findall(output)), len(SWIFT_SKIPPED.findall(output))
        tests = sum(int(count) for count, _ in runs)
        total += Counts(max(0, tests - failed - skipped), failed, skipped)
    if runs := UNITTEST.findall(output):
        failed = sum(int(number) for line in UNITTEST_FAILED.findall(output) for number in re.findall(r"=(\d+)", line))
        total += Counts(sum(map(int, runs)) - failed, failed)
    return total

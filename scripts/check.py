#!/usr/bin/env python3
"""Runs the checks of this house one after another, prints what each took, and sums up.

    scripts/check.py all                      what `make test` and CI run
    scripts/check.py prepare                  only what needs the network or the compiler
    scripts/check.py check                    only what needs neither
    scripts/check.py check --only NAME        one of them
    scripts/check.py evaluate                 other people's evaluators, which `all` leaves out: they take a quarter of an hour

A step that fails does not stop the others, unless they need what it makes. The last line is
`N passed, N failed, N skipped`; the exit code is 1 if anything failed.
"""

import argparse
import signal
import sys
import time

from checks.outcome import Counts, Skipped, StepFailed, telling_lines
from checks.steps import STEPS, House


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    house = House(seconds=options.seconds)
    house.logs.mkdir(parents=True, exist_ok=True)
    chosen = [step for step in STEPS if wanted(step, options)]
    failed: set[str] = set()
    rows = []
    for step in chosen:
        missing = failed.intersection(step.needs)
        outcome = perform(step, house) if not missing else (Counts(skipped=1), 0.0, f"needs {', '.join(missing)}")
        rows.append((step.name, *outcome))
        if outcome[0].failed:
            failed.add(step.name)
    return report(rows, house.logs)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("phase", choices=["all", "prepare", "check", "evaluate"])
    parser.add_argument("--only", action="append", choices=[step.name for step in STEPS], help="this step; repeatable")
    parser.add_argument("--seconds", type=int, help="how long the fuzzer and the soak run; 60 each unless told")
    return parser.parse_args()


def wanted(step, options) -> bool:
    in_phase = step.phase == options.phase or options.phase == "all" and step.phase != "evaluate"
    return in_phase and (not options.only or step.name in options.only)


def perform(step, house) -> tuple[Counts, float, str]:
    print(f"\n== {step.name}: {step.does}", flush=True)
    began = time.monotonic()
    note = ""
    try:
        counts = step.run(house)
        counts = Counts(passed=1) if counts in (None, Counts()) else counts
        note = "see above" if counts.failed else note
    except Skipped as reason:
        counts, note = Counts(skipped=1), str(reason)
    except StepFailed as reason:
        counts, note = reason.counts, str(reason)
    took = time.monotonic() - began
    print(f"-- {step.name}: {counts}{', ' + note if note else ''} ({took:.1f} s)", flush=True)
    return counts, took, note


def report(rows, logs) -> int:
    for name, counts, _, _ in rows:
        if counts.failed:
            recall(name, logs)
    print("\n== summary")
    for name, counts, took, note in rows:
        mark = "FAILED" if counts.failed else "skipped" if not counts.passed else "ok"
        print(f"{mark:8} {name:13} {took:7.1f} s  {counts}{'  ' + note if note else ''}")
    total = sum((counts for _, counts, _, _ in rows), Counts())
    print(f"{'':8} {'all':13} {sum(row[2] for row in rows):7.1f} s\n")
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return 1 if total.failed else 0


def recall(name, logs) -> None:
    """Shows again, near the end where everyone looks, why a step failed."""
    for log in sorted(logs.glob(f"{name}*.log")):
        print(f"\n== {name} failed; from {log.name}")
        print("\n".join(telling_lines(log.read_text(errors="replace"))))


if __name__ == "__main__":
    sys.exit(main())

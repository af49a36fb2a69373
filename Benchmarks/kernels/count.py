#!/usr/bin/env python3
"""Counts the instructions of every kernel under callgrind, and compares them with those on record.

    Benchmarks/kernels/count.py             fails where a kernel takes over 3 % more than on record
    Benchmarks/kernels/count.py --update    writes the record anew: after a change for the better, or of the compiler

Instructions are no seconds, but they are the same on every machine, busy or not. Needs valgrind and clang; the record is
of one version of clang, and with another nothing is compared.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RECORD = HERE / "instructions.json"
TOLERANCE = 0.03


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    update = parser.parse_args().update
    found = {"compiler": compiler(), "instructions": counted()}
    if update:
        RECORD.write_text(json.dumps(found, indent=1) + "\n")
        return 0
    record = json.loads(RECORD.read_text())
    if record["compiler"] != found["compiler"]:
        print(f"the record is of {record['compiler']}, this is {found['compiler']}: nothing to compare")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    return compare(record["instructions"], found["instructions"])


def compiler():
    said = subprocess.run(["clang", "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"clang version \S+", said).group(0)


def counted():
    """Instructions by the name of what was called."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "kernels"
        kernels = ROOT / "Sources" / "CKernels"
        sources = [*kernels.glob("*.c"), *kernels.glob("isa/*.c"), HERE / "kernels.c"]
        flags = ["-O3", f"-I{kernels / 'include'}", f"-I{kernels}"]
        subprocess.run(["clang", *flags, *sources, "-lm", "-lpthread", "-o", program], check=True)
        out = f"--callgrind-out-file={folder}/out"
        subprocess.run(["valgrind", "--quiet", "--tool=callgrind", out, program], check=True)
        return dict(sorted(filter(None, map(figure, Path(folder).glob("out.*")))))


def figure(file):
    """The name and the instructions of one dump; None for the one at the end."""
    text = file.read_text()
    name = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.MULTILINE)
    total = re.search(r"^(?:summary|totals): (\d+)$", text, re.MULTILINE)
    return (name.group(1), int(total.group(1))) if name else None


def compare(record, found):
    worse = {name for name in found if found[name] > record.get(name, 0) * (1 + TOLERANCE)}
    for name in sorted(found):
        before = record.get(name)
        change = f"{found[name] / before - 1:+.1%}" if before else "new"
        print(f"{'FAIL' if name in worse else 'ok  '} {name:18} {found[name]:>10,} {change}")
    missing = sorted(set(record) - set(found))
    for name in missing:
        print(f"FAIL {name:18} is on record and was not counted")
    failed = len(worse) + len(missing)
    if failed:
        print("count.py --update records the new figures, if they are meant", file=sys.stderr)
    print(f"{len(found) - len(worse)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

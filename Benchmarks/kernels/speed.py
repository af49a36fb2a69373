#!/usr/bin/env python3
"""How fast the products of every weight type are on this machine, as shares of what it can do at most.

    Benchmarks/kernels/speed.py [--rounds 3]

One row over 200 MB of weights on two threads, beside reading the same bytes with nothing to multiply; 512 rows on one thread, beside
the int8 (or float) products that one core makes in registers. Prints a table in Markdown, medians of the rounds. Needs clang.
"""

import argparse
import collections
import statistics
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
KERNELS = HERE.parents[1] / "Sources" / "CKernels"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "speed"
        sources = [*KERNELS.glob("*.c"), *KERNELS.glob("isa/*.c"), HERE / "speed.c"]
        subprocess.run(["clang", "-O3", f"-I{KERNELS / 'include'}", f"-I{KERNELS}", *sources, "-lm", "-lpthread", "-o", program], check=True)
        for _ in range(options.rounds):
            for line in subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines():
                name, *figures = line.split()
                found[name].append([float(figure) for figure in figures])
    print(table(found))


def table(found):
    lines = ["| Weights | one row (GB/s) | of reading | 512 rows (G/s) | of the products |", "|---|--:|--:|--:|--:|"]
    for name, rounds in found.items():
        one, many = (statistics.median(row[at] for row in rounds) for at in (0, 2))
        shares = [statistics.median(row[at] / row[at + 1] for row in rounds) for at in (0, 2)]
        lines.append(f"| {name} | {one:.1f} | {shares[0]:.0%} | {many:.0f} | {shares[1]:.0%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

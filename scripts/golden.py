#!/usr/bin/env python3
"""Rewrites golden data under Tests/Golden from the reference libraries. Never runs in CI.

    python3 scripts/golden.py                      every case of every room
    python3 scripts/golden.py models               every case of one room
    python3 scripts/golden.py models llama        chosen cases
    python3 scripts/golden.py --list               what there is

A room is a module in scripts/golden/ whose `CASES` maps a case's name to a function that takes the room's
folder under Tests/Golden. Each says in its first lines which packages it needs; rooms are imported only when asked for.
"""

import argparse
import importlib
import pathlib
import pkgutil

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "Tests" / "Golden"


def rooms():
    return sorted(m.name for m in pkgutil.iter_modules([str(HERE / "golden")]) if not m.name.startswith("_"))


def run(room, wanted):
    module = importlib.import_module(f"golden.{room}")
    folder = GOLDEN / getattr(module, "FOLDER", room.capitalize())
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted or module.CASES:
        print(f"{room} {name}", flush=True)
        module.CASES[name](folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("room", nargs="?", choices=rooms())
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        for room in rooms():
            print(room, *importlib.import_module(f"golden.{room}").CASES)
        return
    for room in [options.room] if options.room else rooms():
        run(room, options.cases)


if __name__ == "__main__":
    main()

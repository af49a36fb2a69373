#!/usr/bin/env python3
"""Whether the tools of the Berkeley Function-Calling Leaderboard are all taken, as its own handler sends them to OpenAI's API.

    python3 Benchmarks/grammars/tools.py

Needs bfcl-eval, in an environment of yours. Exits with 1 if one is refused.
"""

import collections
import copy
import json
import pathlib
import sys
import tempfile

import bfcl_eval
from bfcl_eval.constants.type_mappings import GORILLA_TO_OPENAPI
from bfcl_eval.model_handler.utils import _cast_to_openai_type
import ours


def functions(value):
    """The descriptions of functions in a row, wherever they are."""
    if isinstance(value, dict):
        if {"name", "parameters", "description"} <= value.keys():
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from functions(part)


def schemas():
    folder = pathlib.Path(bfcl_eval.__file__).parent / "data"
    # That of format sensitivity only names rows of the others.
    files = [file for file in folder.glob("*.json") if "format_sensitivity" not in file.name]
    for file in [*files, *folder.glob("multi_turn_func_doc/*.json")]:
        for line in file.read_text().splitlines():
            for function in functions(json.loads(line)):
                parameters = copy.deepcopy(function["parameters"])
                parameters["type"] = "object"
                parameters["properties"] = _cast_to_openai_type(parameters["properties"], GORILLA_TO_OPENAPI)
                yield json.dumps(parameters)


def main():
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        tokens = [bytes([byte]) for byte in range(256)] + [b""]
        mine = ours.Ours(ours.compiled(), "tools", tokens, folder)
        for schema in dict.fromkeys(schemas()):
            counts[mine.ask(schema=json.loads(schema))] += 1
    for answer, count in counts.most_common():
        print(f"{count:6} {answer}")
    return 0 if set(counts) == {"taken"} else 1


if __name__ == "__main__":
    sys.exit(main())

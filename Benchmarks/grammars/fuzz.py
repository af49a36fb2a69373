#!/usr/bin/env python3
"""Random schemas, and texts of random tokens drawn through their masks, each judged by the `jsonschema` package.

    python3 Benchmarks/grammars/fuzz.py MODEL.gguf [--schemas 2000] [--texts 3] [--seed 1]

Needs gguf, jsonschema and rfc3339-validator, in an environment of yours. Exits with 1 if a text is not valid, or a mask led nowhere.
"""

import argparse
import collections
import json
import random
import sys
import tempfile

import jsonschema
import ours

FORMATS = ["date", "time", "date-time", "email", "ipv4", "ipv6", "uuid", "hostname"]
PATTERNS = ["^[a-z]+$", "[0-9]{3}", "^(a|b|ab)*$", "^\\w{2,5}-\\d+$", "^[^\"]{1,4}$", "x?y+z*", "^\\S+@\\S+$", "^[一-龥]{1,3}$"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--schemas", type=int, default=2000)
    parser.add_argument("--texts", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tokens, counts = ours.vocabulary(options.model), collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        mine = ours.Ours(ours.compiled(), "texts", tokens, folder)
        for number in range(options.schemas):
            schema = Schemas(random.Random(options.seed * 1_000_003 + number)).root()
            answer = json.loads(mine.ask(schema=schema, seed=number, count=options.texts))
            judge(schema, answer, counts)
    print(dict(counts))
    return 1 if counts["wrong"] else 0


def judge(schema, answer, counts):
    if isinstance(answer, str):
        counts["refused"] += 1
        counts["why: " + answer.split(":")[0].split(" at ")[0][:50]] += 1
        return
    counts["schemas"] += 1
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    for text in answer:
        counts["cut" if text is None else "texts"] += 1
        problem = None if text is None else wrong(checker, text)
        if problem:
            counts["wrong"] += 1
            print(f"WRONG {problem}\n  {text}\n  {json.dumps(schema, ensure_ascii=False)}", flush=True)


def wrong(checker, text):
    try:
        value = json.loads(text)
    except ValueError as error:
        return f"no JSON: {error}"
    return next((error.message[:300] for error in checker.iter_errors(value)), None)


class Schemas:
    def __init__(self, dice):
        self.dice, self.definitions = dice, {}

    def root(self):
        schema = self.any(3)
        if self.definitions:
            schema["$defs"] = self.definitions
        return schema

    def any(self, depth):
        kinds = ["string", "number", "integer", "boolean", "null", "enum", "const"]
        if depth > 0:
            kinds += ["object", "array", "tuple", "anyOf", "oneOf", "allOf", "ref", "map"] * 2
        return getattr(self, self.dice.choice(kinds) + "_")(depth)

    def maybe(self, schema, chance=0.4, **more):
        for name, value in more.items():
            if self.dice.random() < chance:
                schema[name] = value() if callable(value) else value
        return schema

    def string_(self, _):
        kind, low = self.dice.random(), self.dice.randrange(4)
        if kind < 0.2:
            return {"type": "string", "format": self.dice.choice(FORMATS)}
        if kind < 0.5:
            return self.maybe({"type": "string", "pattern": self.dice.choice(PATTERNS)}, 0.2, maxLength=self.dice.randrange(4, 30))
        return self.maybe({"type": "string"}, minLength=low, maxLength=low + self.dice.randrange(60))

    def number_(self, _):
        low = self.dice.choice([-1000, -7.5, -1, 0, 0.001, 3, 99.99])
        keyword = self.dice.choice(["minimum", "exclusiveMinimum"])
        return self.maybe({"type": "number"}, **{keyword: low, self.dice.choice(["maximum", "exclusiveMaximum"]): low + self.dice.choice([0.5, 10, 1e6])})

    def integer_(self, _):
        low = self.dice.randrange(-2000, 2000)
        schema = self.maybe({"type": "integer"}, minimum=low, maximum=low + self.dice.randrange(5000))
        return self.maybe(schema, 0.2, multipleOf=self.dice.randrange(1, 40))

    def boolean_(self, _):
        return {"type": "boolean"}

    def null_(self, _):
        return {"type": self.dice.choice(["null", ["null", "string"], ["integer", "null"]])}

    def value(self):
        return self.dice.choice(["a", "b\"c", "中", "", 0, 1, -2.5, True, None, [1, "x"], {"k": None}])

    def enum_(self, _):
        return {"enum": [self.value() for _ in range(self.dice.randrange(1, 5))]}

    def const_(self, _):
        return {"const": self.value()}

    def object_(self, depth):
        names = self.dice.sample(["a", "b", "name", "naming", "名", "x y", "q\"", "id", "_", "z9"], self.dice.randrange(7))
        schema = {"type": "object", "properties": {name: self.any(depth - 1) for name in names}}
        schema["required"] = [name for name in names if self.dice.random() < 0.5]
        kind = self.dice.random()
        if kind < 0.4:
            schema["additionalProperties"] = False
        elif kind < 0.6:
            schema["additionalProperties"] = self.any(depth - 1)
        elif kind < 0.7:
            schema["patternProperties"] = {"^x-": self.any(depth - 1)}
        return schema

    def map_(self, depth):
        schema = {"type": "object", "additionalProperties": self.any(depth - 1)}
        return self.maybe(schema, maxProperties=self.dice.randrange(1, 5), propertyNames={"pattern": "^[a-z]{1,3}$"})

    def array_(self, depth):
        low = self.dice.randrange(3)
        return self.maybe({"type": "array", "items": self.any(depth - 1)}, minItems=low, maxItems=low + self.dice.randrange(30))

    def tuple_(self, depth):
        parts = [self.any(depth - 1) for _ in range(self.dice.randrange(1, 4))]
        return self.maybe({"type": "array", "prefixItems": parts}, items=lambda: self.dice.choice([False, {"type": "null"}]), minItems=1)

    def anyOf_(self, depth):
        return {"anyOf": [self.any(depth - 1) for _ in range(self.dice.randrange(1, 4))]}

    def oneOf_(self, depth):
        if self.dice.random() < 0.5:
            return {"oneOf": [self.string_(0), self.integer_(0), self.array_(depth)]}
        kinds = [{"type": "object", "properties": {"kind": {"const": kind}, "v": self.any(depth - 1)}, "required": ["kind"]} for kind in "ab"]
        return {"oneOf": kinds}

    def allOf_(self, depth):
        low = self.dice.randrange(-50, 50)
        if self.dice.random() < 0.5:
            return {"allOf": [{"type": "integer", "minimum": low}, {"type": "number", "maximum": low + 40}]}
        left, right = ({"type": "object", "properties": {name: self.any(depth - 1)}, "required": [name]} for name in "lr")
        return {"allOf": [left, right]}

    def ref_(self, depth):
        name = self.dice.choice(["one", "two"])
        if name not in self.definitions:
            self.definitions[name] = True
            inner = {"anyOf": [{"type": "null"}, {"$ref": f"#/$defs/{name}"}]}
            own = {"v": self.any(depth - 1), "next": inner}
            self.definitions[name] = {"type": "object", "properties": own, "required": ["v"], "additionalProperties": False}
        return {"$ref": f"#/$defs/{name}"}


if __name__ == "__main__":
    sys.exit(main())

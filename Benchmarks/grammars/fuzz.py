#!/usr/bin/env python3
"""Random schemas, and texts of random tokens drawn through their masks, each judged by the `jsonschema` package.

    python3 Benchmarks/grammars/fuzz.py MODEL.gguf [--schemas 2000] [--calls 2000] [--texts 3] [--seed 1]

First answers of a form, then answers with calls, in the form of each chat template of Tests/Golden: random schemas are the parameters of one to
three tools, and what is read back must be calls of these with arguments that are valid. Needs gguf, jsonschema and rfc3339-validator, in an
environment of yours. Exits with 1 if a text is not valid, or a mask led nowhere.
"""

import argparse
import collections
import decimal
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
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--texts", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tokens = ours.vocabulary(options.model)
    with tempfile.TemporaryDirectory() as folder:
        program = ours.compiled()
        forms = fuzz_forms(ours.Ours(program, "texts", tokens, folder), options)
        print("forms:", dict(forms))
        calls = fuzz_calls(ours.Ours(program, "calls", tokens, folder), options)
        print("calls:", dict(calls))
    return 1 if forms["wrong"] or calls["wrong"] else 0


def fuzz_forms(mine, options):
    counts = collections.Counter()
    for number in range(options.schemas):
        schema = Schemas(random.Random(options.seed * 1_000_003 + number)).root()
        answer = json.loads(mine.ask(schema=schema, seed=number, count=options.texts))
        judge(schema, answer, counts)
    return counts


def refused(answer, counts):
    if isinstance(answer, str):
        counts["refused"] += 1
        counts["why: " + answer.split(":")[0].split(" at ")[0][:50]] += 1
    return isinstance(answer, str)


def read(text):
    """JSON whose numbers are as they are written."""
    return json.loads(text, parse_float=decimal.Decimal)


def checker_of(schema):
    schema = read(json.dumps(schema))
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def judge(schema, answer, counts):
    if refused(answer, counts):
        return
    counts["schemas"] += 1
    checker = checker_of(schema)
    for text in answer:
        counts["cut" if text is None else "texts"] += 1
        problem = None if text is None else wrong(checker, text)
        if problem:
            counts["wrong"] += 1
            print(f"WRONG {problem}\n  {text}\n  {json.dumps(schema, ensure_ascii=False)}", flush=True)


def wrong(checker, text):
    try:
        value = read(text)
    except ValueError as error:
        return f"no JSON: {error}"
    return next((error.message[:300] for error in checker.iter_errors(value)), None)


def fuzz_calls(mine, options):
    counts = collections.Counter()
    templates = sorted(map(str, (ours.ROOT / "Tests/Golden/Text/chat").glob("*.jinja")))
    templates = [path for path in templates if not isinstance(json.loads(mine.ask(template=path, tools=[Tools.EMPTY])), str)]
    counts["templates"] = len(templates)
    for number in range(options.calls):
        dice = random.Random(options.seed * 1_000_003 + number)
        line = {"template": templates[number % len(templates)], **Tools(dice).line()}
        answer = json.loads(mine.ask(**line, seed=number, count=options.texts))
        if not refused(answer, counts):
            judge_calls(line, answer, counts)
    return counts


def judge_calls(line, answer, counts):
    tools = {tool["function"]["name"]: tool["function"] for tool in line["tools"]}
    counts.update(sets=1, tools=len(tools), strict=sum(tool["strict"] for tool in tools.values()), lost=len(answer["lost"]))
    checkers = {name: checker_of({"type": "object", **tool["parameters"]}) for name, tool in tools.items()}
    checkers |= {name: jsonschema.Draft202012Validator({"type": "object"}) for name in answer["lost"]}
    for read in answer["answers"]:
        counts["cut" if read is None else "texts"] += 1
        if read is None:
            continue
        counts["calls"] += len(read["calls"])
        counts["texts without calls"] += not read["calls"]
        problem = wrong_calls(line, read, checkers)
        if problem:
            counts["wrong"] += 1
            print(f"WRONG {problem}\n  {json.dumps(read, ensure_ascii=False)}\n  {json.dumps(line, ensure_ascii=False)}", flush=True)


def wrong_calls(line, read, checkers):
    calls, words = read["calls"], read["words"]
    if line["required"] and not calls:
        return "no call"
    if len(calls) > 1 and not line["parallel"]:
        return "several calls"
    if calls and words.strip() and (line["required"] or line["form"] is not None):
        return "words beside calls"
    if not calls and line["form"] is not None:
        return wrong(checker_of(line["form"]), words)
    for name, arguments in calls:
        if name not in checkers:
            return f"a call of {name}"
        problem = wrong(checkers[name], arguments)
        if problem:
            return f"{name}: {problem}"
    return None


class Schemas:
    def __init__(self, dice):
        self.dice, self.definitions = dice, {}

    def root(self):
        return self.complete(self.any(3))

    def complete(self, schema):
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
        schema = self.maybe({"type": "number"}, **{keyword: low, self.dice.choice(["maximum", "exclusiveMaximum"]): low + self.dice.choice([0.5, 10, 1e6])})
        return self.maybe(schema, 0.3, multipleOf=self.dice.choice([0.01, 0.1, 0.25, 0.5, 2.5, 1.7, 0.05, 12.34, 3]))

    def integer_(self, _):
        low = self.dice.randrange(-2000, 2000)
        schema = self.maybe({"type": "integer"}, minimum=low, maximum=low + self.dice.randrange(5000))
        return self.maybe(schema, 0.2, multipleOf=self.dice.choice([*range(1, 40), 0.5, 2.5]))

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


class Tools:
    """Random tools, and how they may be called."""

    EMPTY = {"type": "function", "function": {"name": "f", "parameters": {}}}
    NAMES = ["f", "get_weather", "get", "add-2", "Search9"]

    def __init__(self, dice):
        self.dice = dice

    def line(self):
        tools = [self.tool(name) for name in self.dice.sample(self.NAMES, self.dice.randrange(1, 4))]
        required = self.dice.random() < 0.5
        form = None if required or self.dice.random() < 0.6 else Schemas(self.dice).root()
        return {"tools": tools, "required": required, "parallel": self.dice.random() < 0.5, "form": form}

    def tool(self, name):
        function = {"name": name, "strict": self.dice.random() < 0.5, "parameters": self.parameters()}
        return {"type": "function", "function": function}

    def parameters(self):
        schemas, kind = Schemas(self.dice), self.dice.random()
        if kind < 0.05:
            return {}
        if kind < 0.75:
            schema = schemas.object_(2)
        elif kind < 0.85:
            schema = schemas.map_(2)
        elif kind < 0.95:
            schema = {"allOf": [schemas.object_(1), {"type": "object", "properties": {"l": schemas.any(1)}, "required": ["l"]}]}
        else:
            schema = schemas.ref_(2)
        return schemas.complete(schema)


if __name__ == "__main__":
    sys.exit(main())

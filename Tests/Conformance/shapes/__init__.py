"""What OpenAI's description says of its answers, held against ours: no field missing, none unknown, each of its kind."""

import json
from pathlib import Path

SCHEMAS = json.loads((Path(__file__).parent / "openai.json").read_text())

# Fields that we add, by schema; clients of OpenAI ignore what they do not know.
OURS = {
    "CreateChatCompletionResponse": {"timings"},
    "CreateChatCompletionStreamResponse": {"timings"},
    "CreateCompletionResponse": {"timings"},
    "ChatCompletionResponseMessage": {"reasoning_content"},
    "ChatCompletionStreamResponseDelta": {"reasoning_content"},
    "Model": {"context_length", "max_model_len", "has_chat_template", "root", "parent", "kind"},
    "Response": {"store"},  # their examples have it, their schema has not
    "FineTuningJob": {"user_provided_suffix", "yuyan"},
    "FineTuningJobCheckpoint": {"metrics"},
    "ListPaginatedFineTuningJobsResponse": {"first_id", "last_id"},
    "ListFineTuningJobEventsResponse": {"first_id", "last_id"},
}
KINDS = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list, "null": type(None),
}  # fmt: skip


def problems(value, name: str) -> list[str]:
    """How a value differs from the schema of that name; nothing where it does not."""
    return list(judge(value, {"$ref": name}, name))


def judge(value, schema, path, owner=""):
    """Complaints about a value at a place; `owner` is the schema whose additions of ours are allowed there."""
    if schema is True or schema == {} or value is None and schema.get("nullable"):
        return
    if "$ref" in schema:
        yield from judge(value, SCHEMAS[schema["$ref"]], path, schema["$ref"])
        return
    yield from check_kind(value, schema, path)
    if isinstance(value, dict) and ("properties" in schema or "allOf" in schema):
        yield from judge_object(value, schema, path, owner)
        return
    for union in ("anyOf", "oneOf"):
        if union in schema:
            yield from best(value, schema[union], path, owner)
    if isinstance(value, list) and "items" in schema:
        for index, element in enumerate(value):
            yield from judge(element, schema["items"], f"{path}[{index}]")
    if isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
        for name, member in value.items():
            yield from judge(member, schema["additionalProperties"], f"{path}.{name}")


def check_kind(value, schema, path):
    kind = schema.get("type")
    if kind and (not isinstance(value, KINDS[kind]) or isinstance(value, bool) and kind != "boolean"):
        yield f"{path}: {json.dumps(value)[:60]} is no {kind}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {json.dumps(value)[:60]} is none of {schema['enum']}"


def best(value, branches, path, owner):
    """The complaints of the branch that has fewest."""
    complaints = [list(judge(value, branch, path, owner)) for branch in branches]
    if all(complaints):
        yield from min(complaints, key=len)


def judge_object(value, schema, path, owner):
    fields, required, ours = shape_of(schema)
    ours |= OURS.get(owner, set())
    for name in sorted(required - value.keys()):
        yield f"{path}: '{name}' is missing"
    for name, member in value.items():
        if name in ours:
            continue
        if name in fields:
            yield from judge(member, fields[name], f"{path}.{name}")
        elif schema.get("additionalProperties") in (None, False):
            yield f"{path}: '{name}' is unknown"


def shape_of(schema):
    """All fields of an object that is put together of several, those that must be there, and those that we add."""
    fields, required, ours = dict(schema.get("properties", {})), set(schema.get("required", [])), set()
    for branch in schema.get("allOf", []):
        if "$ref" in branch:
            ours |= OURS.get(branch["$ref"], set())
            branch = SCHEMAS[branch["$ref"]]
        more = shape_of(branch)
        fields, required, ours = fields | more[0], required | more[1], ours | more[2]
    return fields, required, ours

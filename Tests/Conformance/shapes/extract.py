#!/usr/bin/env python3
"""Takes from OpenAI's description of its API what our checks compare answers with.

    extract.py openapi.json     the file of github.com/openai/openai-openapi (MIT); writes openai.json beside this script and
                                Tests/Golden/Server/openai-fields.json, the fields of each request

Of unions only those variants are taken that a server of texts and functions can have.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIELDS = HERE.parents[1] / "Golden" / "Server" / "openai-fields.json"
ROOTS = [
    "CreateChatCompletionResponse", "CreateChatCompletionStreamResponse", "CreateCompletionResponse", "Response",
    "ResponseItemList", "TokenCountsResource", "CreateEmbeddingResponse", "ListModelsResponse", "Model", "OpenAIFile",
    "ListFilesResponse", "DeleteFileResponse", "FineTuningJob", "ListPaginatedFineTuningJobsResponse",
    "ListFineTuningJobEventsResponse", "ListFineTuningJobCheckpointsResponse", "ErrorResponse",
]  # fmt: skip
EVENTS = [
    "Created", "Queued", "InProgress", "Completed", "Incomplete", "Failed", "OutputItemAdded", "OutputItemDone",
    "ContentPartAdded", "ContentPartDone", "TextDelta", "TextDone", "FunctionCallArgumentsDelta",
    "FunctionCallArgumentsDone", "ReasoningTextDelta", "ReasoningTextDone", "ReasoningSummaryPartAdded",
    "ReasoningSummaryPartDone", "ReasoningSummaryTextDelta", "ReasoningSummaryTextDone",
]  # fmt: skip
VARIANTS = {
    "OutputItem": {"OutputMessage", "FunctionToolCall", "ReasoningItem"},
    "ItemResource": {
        "InputMessageResource", "OutputMessage", "FunctionToolCallResource", "FunctionToolCallOutputResource", "ReasoningItem",
    },
    "InputItem": {"EasyInputMessage"},
    "Tool": {"FunctionTool"},
    "ToolChoiceParam": {"ToolChoiceOptions", "ToolChoiceAllowed", "ToolChoiceFunction"},
    "Annotation": {"UrlCitationBody"},
}  # fmt: skip
REQUESTS = {
    "/v1/chat/completions": "CreateChatCompletionRequest",
    "/v1/completions": "CreateCompletionRequest",
    "/v1/responses": "CreateResponse",
    "/v1/responses/input_tokens": "TokenCountsBody",
    "/v1/embeddings": "CreateEmbeddingRequest",
    "/v1/fine_tuning/jobs": "CreateFineTuningJobRequest",
}
KEPT = {
    "$ref", "allOf", "anyOf", "oneOf", "type", "properties", "required", "items", "enum", "nullable", "additionalProperties",
}  # fmt: skip


def main() -> None:
    everything = json.loads(Path(sys.argv[1]).read_text())["components"]["schemas"]
    found: dict[str, dict] = {}
    for name in ROOTS + [f"Response{event}Event" for event in EVENTS]:
        take(name, everything, found)
    (HERE / "openai.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    fields = {path: sorted(members(everything[name], everything)) for path, name in REQUESTS.items()}
    FIELDS.write_text(json.dumps(fields, indent=1) + "\n")


def take(name, everything, found) -> None:
    if name in found:
        return
    found[name] = {}
    found[name] = cleaned(everything[name], VARIANTS.get(name))
    for reference in references(found[name]):
        take(reference, everything, found)


def cleaned(schema, variants=None):
    """The schema without what only people read."""
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key in KEPT}
    for union in ("allOf", "anyOf", "oneOf"):
        if union in kept:
            chosen = [one for one in kept[union] if not variants or one.get("$ref", "").split("/")[-1] in variants]
            kept[union] = [cleaned(one) for one in chosen]
    if "properties" in kept:
        kept["properties"] = {name: cleaned(value) for name, value in kept["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in kept:
            kept[key] = cleaned(kept[key])
    if "$ref" in kept:
        kept["$ref"] = kept["$ref"].split("/")[-1]
    return kept


def references(schema) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
        return own.union(*(references(value) for value in schema.values()))
    return set().union(*(references(value) for value in schema)) if isinstance(schema, list) else set()


def members(schema, everything) -> set[str]:
    """The names of all fields that an object may have."""
    if "$ref" in schema:
        return members(everything[schema["$ref"].split("/")[-1]], everything)
    branches = [branch for union in ("allOf", "anyOf", "oneOf") for branch in schema.get(union, [])]
    return set(schema.get("properties", {})).union(*(members(branch, everything) for branch in branches))


if __name__ == "__main__":
    main()

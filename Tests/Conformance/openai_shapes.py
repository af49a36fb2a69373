"""Every answer and every event, held against the description that OpenAI publishes of its API (shapes/openai.json)."""

import json
import time

from shapes import SCHEMAS, problems
from target import HELLO, Reply, Target, equal

FUNCTION = {"name": "now", "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}}}
CALL = {"tools": [{"type": "function", "function": FUNCTION}], "tool_choice": "required"}
FLAT_CALL = {"tools": [{"type": "function", "strict": True, **FUNCTION}], "tool_choice": "required"}
LIKELIHOODS = {"include": ["message.output_text.logprobs"], "top_logprobs": 1}
FORM = {"type": "json_schema", "name": "n", "strict": True, "schema": {"type": "integer"}}
EVENTS = {
    schema["properties"]["type"]["enum"][0]: name
    for name, schema in SCHEMAS.items()
    if name.startswith("Response") and name.endswith("Event")
}


def fits(value, name: str):
    found = problems(value, name)
    assert not found, f"{name}: " + "; ".join(found[:8])
    return value


def answer(reply: Reply, name: str):
    equal(reply.status, 200, f"status of {reply.body[:300]!r}")
    return fits(reply.json, name)


def chunks(reply: Reply) -> list[dict]:
    """The payloads of a stream that ends with [DONE]."""
    equal(reply.status, 200, f"status of {reply.body[:300]!r}")
    blocks = [block for block in reply.body.decode().split("\n\n") if block.startswith("data: ")]
    equal(blocks[-1], "data: [DONE]")
    return [json.loads(block.removeprefix("data: ")) for block in blocks[:-1]]


def events(reply: Reply) -> list[dict]:
    """The payloads of a stream of named events, each held against its own schema."""
    equal(reply.status, 200, f"status of {reply.body[:300]!r}")
    found = []
    for block in reply.body.decode().split("\n\n"):
        if not block.startswith("event: "):
            continue
        head, data = block.split("\n", 1)
        event = json.loads(data.removeprefix("data: "))
        equal(event["type"], head.removeprefix("event: "))
        found.append(fits(event, EVENTS[event["type"]]))
    return found


def respond(target: Target, **fields) -> Reply:
    return target.post("/v1/responses", {"model": target.model, "input": "Say hello.", "max_output_tokens": 24} | fields)


def chat_completions(target: Target):
    for fields in [{}, {"n": 2, "logprobs": True, "top_logprobs": 2}, {"max_tokens": 60} | CALL]:
        answer(target.chat(**fields), "CreateChatCompletionResponse")


def chat_chunks(target: Target):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    for fields in [{"logprobs": True, "top_logprobs": 1}, {"max_tokens": 60} | CALL]:
        for chunk in chunks(target.chat(**options, **fields)):
            fits(chunk, "CreateChatCompletionStreamResponse")


def a_prediction_is_counted(target: Target):
    said = target.chat(max_tokens=40, temperature=0).json["choices"][0]["message"]["content"]
    reply = target.chat(max_tokens=40, temperature=0, prediction={"type": "content", "content": said})
    details = answer(reply, "CreateChatCompletionResponse")["usage"]["completion_tokens_details"]
    equal(reply.json["choices"][0]["message"]["content"], said)
    assert details["accepted_prediction_tokens"] >= 10, details
    plain = target.chat(max_tokens=40, temperature=0).json["usage"]["completion_tokens_details"]
    equal((plain["accepted_prediction_tokens"], plain["rejected_prediction_tokens"]), (0, 0))


def completions(target: Target):
    for fields in [{}, {"n": 2, "best_of": 3}, {"logprobs": 2}]:
        answer(target.complete(prompt="One, two,", **fields), "CreateCompletionResponse")
    for chunk in chunks(target.complete(prompt="One,", stream=True, stream_options={"include_usage": True})):
        if chunk["usage"] is None:
            del chunk["usage"]  # null but in the last one
        for choice in chunk["choices"]:
            choice["finish_reason"] = choice["finish_reason"] or "stop"  # null until the end
        fits(chunk, "CreateCompletionResponse")


def between_two_texts(target: Target):
    texts = {"prompt": "def add(a, b):\n    return", "suffix": "\n\nprint(add(1, 2))"}
    reply = target.complete(**texts, max_tokens=12, temperature=0)
    text = answer(reply, "CreateCompletionResponse")["choices"][0]["text"]
    assert "a + b" in text, text


def responses(target: Target):
    for fields in [
        {"metadata": {"a": "b"}, "instructions": "Be brief.", "user": "u"},
        {"max_output_tokens": 60} | FLAT_CALL,
        {"text": {"format": FORM, "verbosity": "low"}, "reasoning": {"effort": "none", "summary": "auto"}},
        {"truncation": "auto", "max_tool_calls": 3, "temperature": 0.5, "top_p": 0.9, "seed": 1} | LIKELIHOODS,
        {"max_output_tokens": 2},
    ]:
        answer(respond(target, **fields), "Response")


def events_of_responses(target: Target):
    for fields in [{}, {"max_output_tokens": 60} | FLAT_CALL, LIKELIHOODS, {"max_output_tokens": 2}]:
        found = events(respond(target, stream=True, **fields))
        equal([event["sequence_number"] for event in found], list(range(len(found))))
        assert found[-1]["type"] in ("response.completed", "response.incomplete"), found[-1]


def a_stored_response(target: Target):
    said = answer(respond(target), "Response")
    path = f"/v1/responses/{said['id']}"
    equal(answer(target.get(path), "Response"), said)
    answer(target.get(path + "/input_items"), "ResponseItemList")
    answer(respond(target, previous_response_id=said["id"], input="Again."), "Response")
    answer(target.post("/v1/responses/input_tokens", {"model": target.model, "input": "Hi"}), "TokenCountsResource")
    equal(target.request("DELETE", path).json, {"id": said["id"], "object": "response", "deleted": True})
    fits(target.get(path).json, "ErrorResponse")


def a_response_in_the_background(target: Target):
    live = events(respond(target, background=True, stream=True))
    equal([event["type"] for event in live[:3]], ["response.created", "response.queued", "response.in_progress"])
    path = f"/v1/responses/{live[0]['response']['id']}"
    equal(events(target.get(path + "?stream=true&starting_after=2")), live[3:])
    queued = answer(respond(target, background=True), "Response")
    while queued["status"] in ("queued", "in_progress"):
        time.sleep(0.1)
        queued = answer(target.get(f"/v1/responses/{queued['id']}"), "Response")
    assert queued["status"] in ("completed", "incomplete"), queued


def models(target: Target):
    answer(target.get("/v1/models"), "ListModelsResponse")
    answer(target.get(f"/v1/models/{target.model}"), "Model")


def embeddings(target: Target):
    reply = target.post("/v1/embeddings", {"model": "bert", "input": ["a", "b"], "user": "u"})
    answer(reply, "CreateEmbeddingResponse")
    talker = target.post("/v1/embeddings", {"model": target.model, "input": "a"})
    equal((talker.status, fits(talker.json, "ErrorResponse")["error"]["param"]), (400, "model"))
    assert "'bert'" in talker.json["error"]["message"], talker.body


def refusals(target: Target):
    bad = {"model": target.model, "temperature": 9}
    for route in ("chat/completions", "completions", "responses", "embeddings", "fine_tuning/jobs"):
        fits(target.post(f"/v1/{route}", bad).json, "ErrorResponse")
    fits(target.post("/v1/responses/compact", {"model": target.model, "input": "Hi"}).json, "ErrorResponse")
    for path in ("nothing", "files/file-0", "responses/resp_0", "fine_tuning/jobs/ftjob-0", "models/other"):
        fits(target.get(f"/v1/{path}").json, "ErrorResponse")


def files_and_jobs(target: Target):
    row = json.dumps({"messages": [*HELLO, {"role": "assistant", "content": "Hello!"}]}) + "\n"
    head = '--b\r\nContent-Disposition: form-data; name='
    form = f'{head}"purpose"\r\n\r\nfine-tune\r\n{head}"file"; filename="rows.jsonl"\r\n\r\n{row}\r\n--b--\r\n'
    kind = {"content-type": "multipart/form-data; boundary=b"}
    file = answer(target.request("POST", "/v1/files", form, kind), "OpenAIFile")["id"]
    answer(target.get(f"/v1/files/{file}"), "OpenAIFile")
    answer(target.get("/v1/files"), "ListFilesResponse")
    asked = {"model": target.model, "training_file": file}
    job = answer(target.post("/v1/fine_tuning/jobs", asked), "FineTuningJob")["id"]
    path = f"/v1/fine_tuning/jobs/{job}"
    answer(target.request("POST", path + "/cancel"), "FineTuningJob")
    answer(target.get(path), "FineTuningJob")
    answer(target.get("/v1/fine_tuning/jobs"), "ListPaginatedFineTuningJobsResponse")
    answer(target.get(path + "/events"), "ListFineTuningJobEventsResponse")
    answer(target.get(path + "/checkpoints"), "ListFineTuningJobCheckpointsResponse")
    answer(target.request("DELETE", f"/v1/files/{file}"), "DeleteFileResponse")

"""What an unfriendly user sends, in every dialect: a status, the dialect's own error, the field as it was written."""

from target import HELLO, Reply, Target, equal

SYSTEM = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral", "ttl": "1 day"}}
LOOSE = [*HELLO, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_0", "content": "x"}]}]
CALL = {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{"}}]}
NAMELESS = {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function"}]}
TYPED = {"role": "assistant", "tool_calls": [{"id": "call_1", "type": 7, "function": {"name": "f", "arguments": "{}"}}]}
REDACTED = {"role": "assistant", "content": [{"type": "redacted_thinking", "data": 5}]}
CITED = {"role": "assistant", "content": [{"type": "text", "text": "Hi", "citations": [{"type": "zz"}]}]}
FOUND = {"role": "assistant", "content": [{"type": "web_search_tool_result", "tool_use_id": "srvtoolu_0", "content": []}]}
BEGUN = [*HELLO, {"role": "assistant", "content": "Hel", "prefix": "yes"}]
FORM = {"type": "json_schema", "json_schema": {"schema": {}}}
THOUGHTFUL = {"type": "enabled", "budget_tokens": 1024}


def refused(reply: Reply, field: str, name, status: int = 400) -> None:
    equal(reply.status, status, f"status for {field} of {reply.body[:200]!r}")
    assert f"'{field}'" in name(reply.json), f"{field} is not named in {reply.body!r}"


def in_openais_words(error: dict) -> str:
    equal(sorted(error["error"]), ["code", "message", "param", "type"])
    equal(error["error"]["type"], "invalid_request_error")
    return f"'{error['error']['param']}'"


def in_anthropics_words(error: dict) -> str:
    equal((error["type"], error["error"]["type"]), ("error", "invalid_request_error"))
    return error["error"]["message"]


def in_ollamas_words(error: dict) -> str:
    equal(list(error), ["error"])
    return error["error"]


def in_qianfans_words(error: dict) -> str:
    equal((sorted(error["error"]), error["error"]["code"]), (["code", "message", "type"], "invalid_argument"))
    return error["error"]["message"]


def fields_of_chat(target: Target):
    for field, fields in {
        "reasoning_effort": {"reasoning_effort": "huge"},
        "response_format.json_schema": {"response_format": {"type": "json_schema"}},
        "response_format.json_schema.name": {"response_format": FORM},
        "response_format.json_schema.schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "n"}}},
        "messages[1].prefix": {"messages": BEGUN},
        "messages[1].tool_call_id": {"messages": [*HELLO, {"role": "tool", "content": "x"}]},
        "messages[0].tool_call_id": {"messages": [{"role": "tool", "content": "x", "tool_call_id": "call_0"}]},
        "messages[1].tool_calls[0].function.arguments": {"messages": [*HELLO, CALL]},
        "messages[1].tool_calls[0].function": {"messages": [*HELLO, NAMELESS]},
        "messages[1].tool_calls[0].type": {"messages": [*HELLO, TYPED]},
        "tool_choice.allowed_tools": {"tool_choice": {"type": "allowed_tools"}},
        "safety_identifier": {"safety_identifier": "x" * 65},
        "thinking": {"thinking": 3},
        "priority": {"priority": -101},
        "model": {"model": None},
    }.items():
        refused(target.chat(**fields), field, in_openais_words)


def fields_of_responses(target: Target):
    output = {"type": "function_call_output", "call_id": "call_0", "output": "x"}
    for field, fields in {
        "reasoning.effort": {"reasoning": {"effort": "huge"}},
        "text.format.schema": {"text": {"format": {"type": "json_schema", "name": "n"}}},
        "text.format.name": {"text": {"format": {"type": "json_schema", "schema": {}}}},
        "input[0].call_id": {"input": [output]},
        "input[0].summary[0].type": {"input": [{"type": "reasoning", "summary": [{"type": 7, "text": "x"}]}, *HELLO]},
        "input[0].status": {"input": [{"role": "user", "content": "Hi", "status": "qq"}]},
        "input[0].phase": {"input": [{"role": "assistant", "content": "Hi", "phase": "thinking"}, *HELLO]},
        "include[0]": {"include": [None]},
        "temperature": {"temperature": 3},
        "top_p": {"top_p": 2},
        "metadata": {"metadata": 7},
        "max_tool_calls": {"max_tool_calls": 0},
        "model": {"model": None},
    }.items():
        reply = target.post("/v1/responses", {"model": target.model, "input": "Hi", "max_output_tokens": 4} | fields)
        refused(reply, field, in_openais_words)


def fields_of_completions(target: Target):
    for field, value in {
        "n": 0, "best_of": 0, "logit_bias": {"x": 1}, "seed": 1.5, "stop": 7, "temperature": 3, "top_p": 2, "max_tokens": -1,
        "presence_penalty": 3, "frequency_penalty": -3, "stream": 1, "priority": "high", "model": None,
    }.items():  # fmt: skip
        refused(target.complete(prompt="Hi", **{field: value}), field, in_openais_words)


def fields_of_messages(target: Target):
    for field, fields in {
        "metadata": {"metadata": "x"},
        "metadata.user_id": {"metadata": {"user_id": 7}},
        "service_tier": {"service_tier": "gold"},
        "inference_geo": {"inference_geo": 7},
        "cache_control": {"cache_control": "ephemeral"},
        "cache_control.type": {"cache_control": {"type": "for good"}},
        "system[0].cache_control.ttl": {"system": [SYSTEM]},
        "thinking.budget_tokens": {"thinking": {"type": "enabled"}},
        "output_config.effort": {"output_config": {"effort": "huge"}},
        "stop_sequences": {"stop_sequences": "x"},
        "messages[1].content[0].tool_use_id": {"messages": LOOSE},
        "messages[1].content[0].data": {"messages": [*HELLO, REDACTED]},
        "messages[2].content[0].tool_use_id": {"messages": [*HELLO, *HELLO, FOUND]},
        "messages[1].content[0].citations[0].type": {"messages": [*HELLO, CITED]},
        "max_tokens": {"max_tokens": 10_000_000},
        "model": {"model": None},
    }.items():
        reply = target.post("/v1/messages", {"model": target.model, "messages": HELLO, "max_tokens": 4} | fields)
        refused(reply, field, in_anthropics_words)
    for budget in (0, 1023, 1024, 2000):  # at least 1024, and less than max_tokens
        fields = {"max_tokens": 1024, "thinking": {"type": "enabled", "budget_tokens": budget}}
        reply = target.post("/v1/messages", {"model": target.model, "messages": HELLO} | fields)
        refused(reply, "thinking.budget_tokens", in_anthropics_words)


def options_of_ollama(target: Target):
    for name, values in {
        "num_ctx": ["many", 0], "num_gpu": ["all", -2], "num_thread": [1.5], "repeat_last_n": ["x", -2], "mirostat": [1],
        "num_batch": [0], "use_mmap": ["yes"],
    }.items():  # fmt: skip
        for value in values:
            fields = {"model": target.model, "messages": HELLO, "options": {name: value}}
            refused(target.post("/api/chat", fields), f"options.{name}", in_ollamas_words)
    refused(target.post("/api/chat", {"messages": HELLO}), "model", in_ollamas_words)


def fields_of_qianfan(target: Target):
    for field, fields in {
        "messages[1].prefix": {"messages": BEGUN},
        "reasoning_effort": {"reasoning_effort": "huge"},
        "thinking": {"thinking": 3},
        "thinking.type": {"enable_thinking": True, "thinking": {"type": "disabled"}},
        "stream_options": {"stream_options": {"chunk_include_usage": True}},
        "model": {"model": None},
    }.items():
        fields = {"model": target.model, "messages": HELLO, "max_tokens": 4} | fields
        refused(target.post("/v2/chat/completions", fields), field, in_qianfans_words)


def misspelt_members_are_told(target: Target):
    schema = {"type": "json_schema", "schema": {"type": "object"}}
    for path, told, fields in [
        ("/v1/messages", "output_config.fromat", {"messages": HELLO, "output_config": {"fromat": schema}}),
        ("/v1/responses", "text.fromat", {"input": "Hi", "text": {"fromat": schema}, "max_output_tokens": 4}),
        ("/v1/responses", "input[0].foo", {"input": [HELLO[0] | {"foo": 1}], "max_output_tokens": 4}),
        ("/v1/chat/completions", "stream_options.chunk_include_usage",
         {"messages": HELLO, "stream": True, "stream_options": {"chunk_include_usage": 7}}),
    ]:  # fmt: skip
        if path != "/v1/responses":
            fields["max_tokens"] = 4
        reply = target.post(path, {"model": target.model} | fields)
        equal((reply.status, reply.headers["x-ignored-fields"]), (200, told), path)


def fields_of_tokenizers(target: Target):
    for path, fields, field in [
        ("/tokenize", {}, "prompt"), ("/tokenize", {"prompt": 7}, "prompt"), ("/tokenize", {"content": 7}, "content"),
        ("/tokenize", {"messages": "x"}, "messages"), ("/tokenize", {"prompt": "x", "add_special_tokens": 7}, "add_special_tokens"),
        ("/detokenize", {}, "tokens"), ("/detokenize", {"tokens": ["x"]}, "tokens[0]"),
    ]:  # fmt: skip
        refused(target.post(path, fields), field, in_openais_words)


def thoughts_of_a_model_that_has_none(target: Target):
    """Refused where they are asked for; what clients send by default is taken."""
    hello = {"model": target.model, "messages": HELLO}
    short, said = hello | {"max_tokens": 2}, {"model": target.model, "input": "Hi", "max_output_tokens": 2}
    quiet = hello | {"stream": False, "options": {"num_predict": 2}}
    for path, fields, field, words in [
        ("/v1/chat/completions", short | {"reasoning_effort": "low"}, "reasoning_effort", in_openais_words),
        ("/v1/responses", said | {"reasoning": {"effort": "low"}}, "reasoning.effort", in_openais_words),
        ("/v1/messages", hello | {"max_tokens": 1100, "thinking": THOUGHTFUL}, "thinking", in_anthropics_words),
        ("/v2/chat/completions", short | {"enable_thinking": True}, "enable_thinking", in_qianfans_words),
        ("/api/chat", quiet | {"think": True}, "think", in_ollamas_words),
    ]:
        reply = target.post(path, fields)
        refused(reply, field, words)
        assert "does not support thinking" in str(reply.json), reply.body
    for path, fields in [
        ("/v1/chat/completions", short | {"reasoning_effort": "none"}),
        ("/v1/responses", said | {"reasoning": {"effort": None, "summary": None}}),
        ("/v1/messages", short | {"thinking": {"type": "disabled"}}),
        ("/v1/messages", short | {"thinking": {"type": "adaptive"}}),
        ("/v2/chat/completions", short | {"enable_thinking": False}),
        ("/api/chat", quiet | {"think": False}),
    ]:
        equal(target.post(path, fields).status, 200, f"{path} {fields}")


def a_talking_model_makes_no_vectors(target: Target):
    for path, field in (("/v1/embeddings", "input"), ("/api/embed", "input"), ("/v1/rerank", "query")):
        reply = target.post(path, {"model": target.model, field: "a", "documents": ["b"]})
        equal(reply.status, 400, f"{path}: {reply.body[:200]!r}")
        assert b"talks" in reply.body and b"--embedding-model" in reply.body, reply.body


def every_chunk_tells_the_usage_where_qianfans_clients_ask(target: Target):
    options = {"stream": True, "stream_options": {"chunk_include_usage": True}}
    options |= {"max_tokens": 6, "ignore_eos": True}
    reply = target.post("/v2/chat/completions", {"model": target.model, "messages": HELLO, **options})
    lines = [line[6:] for line in reply.body.decode().splitlines() if line.startswith("data: {")]
    counts = [target.parsed(line)["usage"]["completion_tokens"] for line in lines]
    equal((counts, counts[-1]), (sorted(counts), 6))

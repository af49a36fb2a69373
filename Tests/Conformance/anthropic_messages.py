"""Anthropic's API through the `anthropic` client, of any major version."""

import json

import anthropic

from target import Target, equal

# Recent versions of the client have no parameter for it.
COLD = {"extra_body": {"temperature": 0}}
HELLO = [{"role": "user", "content": "Say hello."}]
TOOLS = [
    {
        "name": "get_weather",
        "description": "The weather in a city.",
        "input_schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
            "required": ["city"],
        },
    }
]
WEATHER = [{"role": "user", "content": "What is the weather in Paris? Use the tool."}]


def client_of(target: Target, **options) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=target.base, api_key="none", max_retries=0, **options)


def ask(target: Target, **fields):
    return client_of(target).messages.create(**{"model": target.model, "max_tokens": 12, "messages": HELLO} | fields)


def an_answer_has_text_a_reason_and_its_usage(target: Target):
    counting = [{"role": "user", "content": "Count from one to twenty."}]
    message = ask(target, messages=counting, max_tokens=4, **COLD)
    equal((message.type, message.role, message.stop_reason), ("message", "assistant", "max_tokens"))
    equal([block.type for block in message.content], ["text"])
    assert message.usage.output_tokens == 4 and message.usage.input_tokens >= 0, message.usage
    assert str(message._request_id).startswith("req_"), message._request_id


def a_stream_says_what_the_whole_says(target: Target):
    whole = ask(target, **COLD)
    with client_of(target).messages.stream(model=target.model, max_tokens=12, messages=HELLO, **COLD) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    equal(text, whole.content[0].text)
    equal(final.content[0].text, text)
    equal((final.stop_reason, final.usage.output_tokens), (whole.stop_reason, whole.usage.output_tokens))


def a_stop_sequence_is_told(target: Target):
    text = ask(target, **COLD).content[0].text
    message = ask(target, **COLD, stop_sequences=[text[2:5]])
    equal((message.stop_reason, message.stop_sequence), ("stop_sequence", text[2:5]))


def a_tool_is_called_and_its_answer_read(target: Target):
    message = ask(target, messages=WEATHER, tools=TOOLS, tool_choice={"type": "any"}, max_tokens=100, **COLD)
    call = message.content[-1]
    equal((message.stop_reason, call.type, call.name), ("tool_use", "tool_use", "get_weather"))
    assert isinstance(call.input["city"], str) and set(call.input) <= {"city", "unit"}, call.input
    ids = [block.id for block in message.content if block.type == "tool_use"]
    answers = [{"type": "tool_result", "tool_use_id": id, "content": "21 degrees, sunny"} for id in ids]
    turns = [*WEATHER, {"role": "assistant", "content": message.content}, {"role": "user", "content": answers}]
    assert ask(target, messages=turns, tools=TOOLS, tool_choice={"type": "none"}).content, "no answer"


def arguments_are_streamed(target: Target):
    options = {"messages": WEATHER, "tools": TOOLS, "tool_choice": {"type": "tool", "name": "get_weather"}} | COLD
    pieces = []
    with client_of(target).messages.stream(model=target.model, max_tokens=100, **options) as stream:
        for event in stream:
            if event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                pieces.append(event.delta.partial_json)
        final = stream.get_final_message()
    equal(json.loads("".join(pieces)), final.content[-1].input)
    assert len(pieces) > 1, pieces


def tokens_are_counted(target: Target):
    count = client_of(target).messages.count_tokens(model=target.model, messages=HELLO).input_tokens
    usage = ask(target, max_tokens=1).usage
    equal(count, usage.input_tokens + (usage.cache_read_input_tokens or 0))


def a_system_prompt_counts(target: Target):
    client = client_of(target)
    plain = client.messages.count_tokens(model=target.model, messages=HELLO).input_tokens
    blocks = [{"type": "text", "text": "You are a pirate who only ever speaks of the sea.", "cache_control": {"type": "ephemeral"}}]
    # A template may have a system prompt of its own where there is none.
    assert client.messages.count_tokens(model=target.model, messages=HELLO, system=blocks).input_tokens != plain


def documents_and_what_was_found_are_read(target: Target):
    document = {"type": "document", "title": "Birds", "source": {"type": "text", "media_type": "text/plain", "data": "Wrens sing."}}
    parts = {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "Gulls cry."}]}}
    found = {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "Owls hoot."}]}
    question = {"type": "text", "text": "Which of them sing?"}
    counts = [
        client_of(target).messages.count_tokens(model=target.model, messages=[{"role": "user", "content": blocks}]).input_tokens
        for blocks in ([question], [document, question], [document, parts, question], [document, parts, found, question])
    ]
    equal(counts, sorted(set(counts)))
    assert ask(target, messages=[{"role": "user", "content": [document, parts, found, question]}]).content, "no answer"
    pdf = document | {"source": {"type": "base64", "media_type": "application/pdf", "data": ""}}
    problem = refused(lambda: ask(target, messages=[{"role": "user", "content": [pdf, question]}]))
    assert "application/pdf" in str(problem), problem


def a_search_of_theirs_is_read(target: Target):
    """What Anthropic's own server searched goes on here."""
    question = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "birds that sing"}}
    page = {"type": "web_search_result", "url": "https://a.example/", "title": "Wrens", "encrypted_content": "x", "page_age": None}
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [page]}
    words = {"type": "text", "text": "Wrens do."}
    turns = [
        [*HELLO, {"role": "assistant", "content": blocks}, {"role": "user", "content": "Which?"}]
        for blocks in ([words], [words, question], [words, question, found], [words, question, found, words])
    ]
    counts = [client_of(target).messages.count_tokens(model=target.model, messages=messages).input_tokens for messages in turns]
    equal(counts, sorted(set(counts)))
    assert ask(target, messages=turns[-1]).content, "no answer"


def models_are_listed_in_pages(target: Target):
    client = client_of(target)
    (model,) = [model for model in client.models.list(limit=1000) if model.id == target.model]
    equal((model.type, model.display_name), ("model", target.model))
    equal(client.models.retrieve(target.model), model)
    page = client.models.list(limit=1)
    equal((page.first_id, page.last_id, len(page.data)), (page.data[0].id, page.data[0].id, 1))
    try:
        client.models.retrieve("no-such-model")
    except anthropic.NotFoundError as error:
        equal(error.body["error"]["type"], "not_found_error")
    else:
        raise AssertionError("it was found")


def what_changes_nothing_is_taken(target: Target):
    fields = {"metadata": {"user_id": "u"}, "service_tier": "auto", "thinking": {"type": "disabled"}}
    assert ask(target, **fields).content, "no answer"


def wrong_values_are_named(target: Target):
    for field, fields in {
        "metadata.user_id": {"metadata": {"user_id": 7}},
        "service_tier": {"service_tier": "gold"},
        "stop_sequences": {"stop_sequences": "x"},
        "thinking.budget_tokens": {"thinking": {"type": "enabled"}},
        "max_tokens": {"max_tokens": 10_000_000, "timeout": 60},
    }.items():
        problem = refused(lambda: ask(target, **fields))
        assert f"'{field}'" in problem.body["error"]["message"], problem


def refused(call) -> anthropic.BadRequestError:
    try:
        call()
    except anthropic.BadRequestError as error:
        return error
    raise AssertionError("it was taken")


def refusals_are_of_the_clients_kinds(target: Target):
    for fields, kind in [
        ({"model": "no such model"}, anthropic.NotFoundError),
        ({"messages": []}, anthropic.BadRequestError),
        ({"max_tokens": 0}, anthropic.BadRequestError),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, anthropic.BadRequestError),
    ]:
        try:
            ask(target, **fields)
        except kind as error:
            equal(error.body["type"], "error")
        else:
            raise AssertionError(f"{fields} was taken")

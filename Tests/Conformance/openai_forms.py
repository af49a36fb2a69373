"""Structured output and tools through the `openai` client."""

import json

import openai
from openai_client import chat, client_of, text_of
from target import Target, equal

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 30},
        "population": {"type": "integer", "minimum": 1},
        "landmarks": {"type": "array", "items": {"type": "string", "maxLength": 30}, "minItems": 1, "maxItems": 2},
    },
    "required": ["name", "population", "landmarks"],
    "additionalProperties": False,
}
FORM = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": SCHEMA}}
PARIS = [{"role": "user", "content": "Describe Paris in JSON."}]
WEATHER = [{"role": "user", "content": "What is the weather in Paris? Use the tool."}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
                "required": ["city"],
            },
        },
    }
]


def a_schema_is_kept(target: Target):
    for seed in range(3):
        answer = chat(target, messages=PARIS, response_format=FORM, max_tokens=200, temperature=1.5, seed=seed)
        value = json.loads(text_of(answer))
        equal((set(value), answer.choices[0].finish_reason), (set(SCHEMA["required"]), "stop"))
        assert value["population"] >= 1 and 1 <= len(value["landmarks"]) <= 2 and len(value["name"]) <= 30, value


def an_object_is_one(target: Target):
    answer = chat(target, messages=PARIS, response_format={"type": "json_object"}, max_tokens=300, temperature=0)
    if answer.choices[0].finish_reason == "stop":
        assert isinstance(json.loads(text_of(answer)), dict), answer


def other_servers_words_are_understood(target: Target):
    for fields, texts in [({"guided_choice": ["red", "green"]}, {"red", "green"}), ({"guided_regex": "(yes|no)!"}, {"yes!", "no!"})]:
        assert text_of(chat(target, extra_body=fields, max_tokens=10)) in texts, fields


def a_keyword_that_cannot_be_kept_is_named(target: Target):
    try:
        chat(target, response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"not": {}}}})
    except openai.BadRequestError as error:
        assert "'not'" in str(error), error
    else:
        raise AssertionError("it was taken")


def a_tool_that_cannot_be_kept_is_named(target: Target):
    place = "tools[0].function.parameters"
    for property, word in [({"not": {}}, "'not'"), ({"tpye": "string"}, "'type'"), ({"type": "string", "format": "datetime"}, "'date-time'")]:
        function = {"name": "f", "strict": True, "parameters": {"type": "object", "properties": {"a": property}}}
        try:
            chat(target, tools=[{"type": "function", "function": function}])
        except openai.BadRequestError as error:
            assert word in str(error) and "tool 'f'" in str(error) and error.param == place, error
        else:
            raise AssertionError(f"{property} was taken")


IN_VAIN = "if", "then", "properties.tags.contains", "properties.tags.uniqueItems"


def what_another_tool_asks_for_in_vain_is_told(target: Target):
    """Tools of the wild ask for what no grammar holds: the arguments are held to the rest, and a header says so."""
    schema = {
        "type": "object", "required": ["tags"], "if": {"required": ["a"]}, "then": {"required": ["b"]},
        "properties": {"tags": {"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": 2, "contains": {}}},
    }  # fmt: skip
    schema["properties"]["tags"]["uniqueItems"] = True
    tools = [{"type": "function", "function": {"name": "label", "parameters": schema}}]
    answer = client_of(target).chat.completions.with_raw_response.create(
        model=target.model, messages=WEATHER, tools=tools, tool_choice="required", temperature=0, max_tokens=200
    )
    told = answer.headers["x-ignored-fields"].split(",")
    equal(told, [f"tools[0].function.parameters.{word}" for word in IN_VAIN])
    arguments = json.loads(answer.parse().choices[0].message.tool_calls[0].function.arguments)
    assert all(isinstance(tag, str) for tag in arguments["tags"]) and len(arguments["tags"]) < 3, arguments


def stop_strings_leave_forms_and_calls_whole(target: Target):
    stops = ["\"", "}", "a", "e"]
    for stream in (False, True):
        held = said(chat(target, messages=PARIS, response_format=FORM, stop=stops, max_tokens=200, temperature=0, stream=stream))
        equal((set(json.loads(held[0])), held[2]), (set(SCHEMA["required"]), "stop"))
        options = {"messages": WEATHER, "tools": TOOLS, "tool_choice": "required", "stop": stops, "max_tokens": 100, "temperature": 0}
        called = said(chat(target, stream=stream, **options))
        assert "city" in json.loads(called[1]) and called[2] == "tool_calls", called


def said(answer):
    """Words, arguments of calls and how it ended, of an answer or of its stream."""
    if hasattr(answer, "choices"):
        message, reason = answer.choices[0].message, answer.choices[0].finish_reason
        return message.content or "", "".join(call.function.arguments for call in message.tool_calls or []), reason
    choices = [chunk.choices[0] for chunk in answer if chunk.choices]
    calls = [call.function.arguments or "" for choice in choices for call in choice.delta.tool_calls or []]
    return "".join(choice.delta.content or "" for choice in choices), "".join(calls), choices[-1].finish_reason


def a_function_is_called_and_its_answer_read(target: Target):
    answer = chat(target, messages=WEATHER, tools=TOOLS, tool_choice="required", max_tokens=100, temperature=0)
    (call,) = answer.choices[0].message.tool_calls
    equal((answer.choices[0].finish_reason, call.type, call.function.name), ("tool_calls", "function", "get_weather"))
    assert isinstance(json.loads(call.function.arguments)["city"], str), call
    told = {"role": "tool", "tool_call_id": call.id, "content": "21 degrees, sunny"}
    said = answer.choices[0].message.model_dump(exclude_none=True)
    assert text_of(chat(target, messages=[*WEATHER, said, told], tools=TOOLS, tool_choice="none", max_tokens=30))


def arguments_are_streamed(target: Target):
    options = {"messages": WEATHER, "tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "get_weather"}}}
    chunks = list(chat(target, stream=True, max_tokens=100, temperature=0, **options))
    deltas = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
    equal({delta.index for delta in deltas}, {0})
    assert deltas[0].id and deltas[0].function.name == "get_weather", deltas[0]
    pieces = [delta.function.arguments for delta in deltas if delta.function.arguments]
    assert len(pieces) > 1 and "city" in json.loads("".join(pieces)), pieces
    equal(chunks[-1].choices[0].finish_reason, "tool_calls")


def a_response_has_items(target: Target):
    client = client_of(target)
    answer = client.responses.create(model=target.model, input="Say hello.", max_output_tokens=16, temperature=0)
    assert answer.output_text and answer.status in ("completed", "incomplete"), answer
    format = {"type": "json_schema", "name": "city", "strict": True, "schema": SCHEMA}
    held = client.responses.create(model=target.model, input="Describe Paris.", text={"format": format}, max_output_tokens=200)
    equal(set(json.loads(held.output_text)), set(SCHEMA["required"]))


def a_response_streams_its_items(target: Target):
    tools = [{"type": "function", **TOOLS[0]["function"], "strict": False}]
    options = {"input": WEATHER, "tools": tools, "tool_choice": "required", "max_output_tokens": 100, "temperature": 0}
    events = list(client_of(target).responses.create(model=target.model, stream=True, **options))
    equal([event.sequence_number for event in events], list(range(len(events))))
    equal((events[0].type, events[-1].type), ("response.created", "response.completed"))
    pieces = [event.delta for event in events if event.type == "response.function_call_arguments.delta"]
    call = events[-1].response.output[-1]
    equal((call.type, call.name, call.arguments), ("function_call", "get_weather", "".join(pieces)))

"""Structured output and tools through the `ollama` client."""

import json

from ollama_chat import client_of, text_of
from target import Target, equal

SCHEMA = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]}
QUESTION = [{"role": "user", "content": "What is two and three? Answer in JSON."}]
WEATHER = [{"role": "user", "content": "What is the weather in Paris? Use the tool."}]


def get_weather(city: str) -> str:
    """The weather in a city.

    Args:
      city: its name
    """
    return city


def a_format_is_kept(target: Target):
    answer = client_of(target).chat(target.model, QUESTION, format=SCHEMA, options={"num_predict": 60, "temperature": 0})
    equal(set(json.loads(text_of(answer))), {"sum"})
    text = client_of(target).generate(target.model, "An empty object:", format="json", options={"num_predict": 200, "temperature": 0})
    assert text.done_reason == "length" or isinstance(json.loads(text.response), dict), text


def between_two_texts(target: Target):
    """What stands between is what OpenAI's completions put there."""
    texts = {"prompt": "def add(a, b):\n    return", "suffix": "\n\nprint(add(1, 2))"}
    answer = client_of(target).generate(target.model, **texts, options={"num_predict": 12, "temperature": 0})
    equal(answer.response, target.complete(**texts, max_tokens=12, temperature=0).json["choices"][0]["text"])
    assert "insert" in client_of(target).show(target.model).capabilities


def a_function_is_called(target: Target):
    options = {"num_predict": 80, "temperature": 0}
    for stream in (False, True):
        answer = client_of(target).chat(target.model, WEATHER, tools=[get_weather], options=options, stream=stream)
        messages = [part.message for part in answer] if stream else [answer.message]
        calls = [call.function for message in messages for call in message.tool_calls or []]
        equal([call.name for call in calls], ["get_weather"])
        assert isinstance(calls[0].arguments["city"], str), calls

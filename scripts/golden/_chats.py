"""Conversations as the wire has them, chosen for what goes wrong in templates."""

import json


def user(content, **extra):
    return {"role": "user", "content": content, **extra}


def assistant(content, **extra):
    return {"role": "assistant", "content": content, **extra}


def system(content):
    return {"role": "system", "content": content}


def call(name, id="call00001", **arguments):
    text = json.dumps(arguments, ensure_ascii=False)
    return {"id": id, "type": "function", "function": {"name": name, "arguments": text}}


def answer(content, id="call00001", name="get_weather"):
    return {"role": "tool", "content": content, "name": name, "tool_call_id": id}


def function(name, description, **properties):
    parameters = {"type": "object", "properties": properties, "required": list(properties)[:1]}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


WEATHER = function(
    "get_weather",
    "Weather in a city, 某个城市的天气.",
    city={"type": "string", "description": "The city's name, e.g. \"北京\""},
    unit={"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
)
ADD = function(
    "add",
    "Adds <numbers> & more",
    numbers={"type": "array", "items": {"type": "number"}, "minItems": 2},
    options={"type": "object", "properties": {"exact": {"type": "boolean"}}, "additionalProperties": False},
)
BARE = {"type": "function", "function": {"name": "now", "description": "The time", "parameters": {"type": "object", "properties": {}}}}
ASKED = [user("How warm is it in Paris?"), assistant(None, tool_calls=[call("get_weather", city="Paris", unit="celsius")])]
LONG = [turn for i in range(6) for turn in (user(f"Question {i}?"), assistant(f"Answer {i}."))]

CONVERSATIONS = {
    "user": {"messages": [user("Hello!")]},
    "system": {"messages": [system("You are terse."), user("Hello!")]},
    "no prompt": {"messages": [user("Hello!"), assistant("Hi.")], "prompt": False},
    "turns": {"messages": [system("Be kind."), user("One"), assistant("1"), user("Two"), assistant("2"), user("Three")]},
    "many turns": {"messages": [*LONG, user("And now?")]},
    "chinese": {"messages": [system("你是一只燕子。"), user("你好，请介绍一下北京。"), assistant("北京是中国的首都。"), user("谢谢！")]},
    "emoji": {"messages": [user("👩‍👩‍👧‍👦 é é 🇨🇳 \u200d x"), assistant("👍🏽"), user("ok")]},
    "quotes": {"messages": [user("a \"b\" 'c' \\ \\n {{ x }} {% if %} <|im_end|> <b>&amp;</b>"), assistant("`'\"`"), user("\t\n tab")]},
    "white space": {"messages": [system("  padded  \n"), user("\n\n a \n\n"), assistant("  b\n"), user("c  ")]},
    "empty": {"messages": [user(""), assistant(""), user("")]},
    "empty system": {"messages": [system(""), user("Hello!")]},
    "parts": {"messages": [user([{"type": "text", "text": "First."}, {"type": "text", "text": "Second."}])]},
    "developer": {"messages": [{"role": "developer", "content": "Be brief."}, user("Hello!")]},
    "two systems": {"messages": [system("A"), user("x"), system("B"), user("y")]},
    "not alternating": {"messages": [user("one"), user("two")]},
    "assistant first": {"messages": [assistant("I begin."), user("Fine.")]},
    "unknown role": {"messages": [{"role": "critic", "content": "Hm."}, user("Hello!")]},
    "tools": {"messages": [user("How warm is it in Paris?")], "tools": [WEATHER]},
    "tools and system": {"messages": [system("Use tools."), user("北京的天气？")], "tools": [WEATHER, ADD, BARE]},
    "call": {"messages": [*ASKED, answer("{\"temperature\": 21.5}")], "tools": [WEATHER]},
    "call answered": {
        "messages": [*ASKED, answer("21.5 °C"), assistant("It is 21.5 °C."), user("Thanks, 谢谢")], "tools": [WEATHER],
    },
    "call with words": {
        "messages": [user("Sum?"), assistant("I add them.", tool_calls=[call("add", numbers=[1, 2.5, -3e20], options={"exact": True})]), answer("0", name="add")],
        "tools": [ADD],
    },
    "two calls": {
        "messages": [
            user("Paris and 上海?"),
            assistant(None, tool_calls=[call("get_weather", id="call00001", city="Paris"), call("get_weather", id="call00002", city="上海")]),
            answer("21", id="call00001"),
            answer("{\"t\": 30, \"雨\": true}", id="call00002"),
        ],
        "tools": [WEATHER, ADD],
    },
    "calls in turns": {
        "messages": [
            system("Use tools."), *ASKED, answer("21"), assistant("21"), user("Again"),
            assistant("", tool_calls=[call("add", numbers=[1, 2])]), answer("3", name="add"), assistant("3"), user("Done?"),
        ],
        "tools": [WEATHER, ADD],
    },
    "call without arguments": {"messages": [user("Time?"), assistant(None, tool_calls=[call("now")]), answer("12:00", name="now")], "tools": [BARE]},
    "thinking": {
        "messages": [user("2+2?"), assistant("<think>\nEasy.\n</think>\n\n4"), user("3+3?"), assistant("<think>\nStill easy.\n</think>\n\n6"), user("4+4?")],
    },
    "reasoning": {"messages": [user("2+2?"), assistant("4", reasoning_content="Easy: 2+2."), user("3+3?")]},
    "reasoning last": {"messages": [user("2+2?"), assistant("4", reasoning_content="Easy: 2+2.")], "prompt": False},
    "reasoning and call": {
        "messages": [
            user("Paris?"), assistant("", reasoning_content="I look it up.", tool_calls=[call("get_weather", city="Paris")]), answer("21"),
        ],
        "tools": [WEATHER],
    },
    "thinking off": {"messages": [user("2+2?")], "extra": {"enable_thinking": False}},
    "thinking on": {"messages": [system("Think."), user("2+2?")], "extra": {"enable_thinking": True, "thinking": True}},
    "today": {"messages": [user("Which day?")], "tools": [BARE], "extra": {"date_string": "24 Nov 2026"}},
}

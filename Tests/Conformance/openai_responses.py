"""Responses that are kept, continued and made in the background, through the `openai` client."""

import time

import openai
import pydantic
from openai_client import client_of, refused
from target import Target, equal


def respond(target: Target, **fields):
    defaults = {"model": target.model, "input": "My name is Wren.", "max_output_tokens": 24, "temperature": 0}
    return client_of(target).responses.create(**defaults | fields)


def a_response_is_kept_until_it_is_deleted(target: Target):
    responses = client_of(target).responses
    said = respond(target, metadata={"team": "birds"}, instructions="Be kind.")
    again = responses.retrieve(said.id)
    equal((again.output_text, again.status, again.metadata), (said.output_text, said.status, {"team": "birds"}))
    (item,) = responses.input_items.list(said.id).data
    equal((item.role, item.content[0].text), ("user", "My name is Wren."))
    responses.delete(said.id)
    equal(refused(lambda: responses.retrieve(said.id)).status_code, 404)


def a_conversation_goes_on_by_its_last_response(target: Target):
    first = respond(target)
    second = respond(target, previous_response_id=first.id, input="What is my name? One word.")
    equal(second.previous_response_id, first.id)
    assert "Wren" in second.output_text, second.output_text
    history = [{"role": "user", "content": "My name is Wren."}, {"role": "assistant", "content": first.output_text}]
    whole = respond(target, input=[*history, {"role": "user", "content": "What is my name? One word."}], store=False)
    equal((whole.output_text, whole.usage.input_tokens), (second.output_text, second.usage.input_tokens))
    assert second.usage.input_tokens_details.cached_tokens > 0, second.usage
    client_of(target).responses.delete(first.id)
    problem = refused(lambda: respond(target, previous_response_id=first.id))
    equal((problem.status_code, problem.param, problem.code), (400, "previous_response_id", "previous_response_not_found"))
    third = respond(target, previous_response_id=second.id, input="What is my name? One word.")
    assert "Wren" in third.output_text, third.output_text


def a_function_is_answered_in_a_chain(target: Target):
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool = {"type": "function", "name": "get_weather", "parameters": parameters, "strict": False}
    once = {"tools": [tool], "tool_choice": "required", "parallel_tool_calls": False}
    asked = respond(target, input="Weather in Paris?", max_output_tokens=80, **once)
    call = asked.output[-1]
    equal((call.type, call.name), ("function_call", "get_weather"))
    told = [{"type": "function_call_output", "call_id": call.call_id, "output": "21 degrees, sunny"}]
    said = respond(target, input=told, previous_response_id=asked.id, tools=[tool], tool_choice="none")
    assert said.output_text, said


def an_item_is_referred_to(target: Target):
    first = respond(target)
    again = [{"type": "item_reference", "id": first.output[-1].id}, {"role": "user", "content": "Go on."}]
    told = [{"role": "assistant", "content": first.output_text}, {"role": "user", "content": "Go on."}]
    equal(respond(target, input=again).output_text, respond(target, input=told).output_text)


def one_in_the_background_is_polled_and_replayed(target: Target):
    responses = client_of(target).responses
    queued = respond(target, background=True)
    equal((queued.status, queued.output), ("queued", []))
    done = queued
    while done.status in ("queued", "in_progress"):
        time.sleep(0.05)
        done = responses.retrieve(queued.id)
    assert done.status in ("completed", "incomplete") and done.output_text, done
    try:
        events = list(responses.retrieve(queued.id, stream=True, starting_after=1))
    except TypeError:
        return  # the oldest client has no such parameters
    equal([event.sequence_number for event in events], list(range(2, 2 + len(events))))
    equal(events[-1].response.output_text, done.output_text)


def one_in_the_background_is_cancelled(target: Target):
    responses = client_of(target).responses
    queued = respond(target, background=True, input="Count to a thousand.", max_output_tokens=2000)
    equal(responses.cancel(queued.id).status, "cancelled")
    equal(responses.retrieve(queued.id).status, "cancelled")
    problem = refused(lambda: responses.cancel(respond(target).id))
    equal((problem.status_code, problem.code), (400, "not_cancellable"))


def an_input_is_counted(target: Target):
    responses = client_of(target).responses
    if not hasattr(responses, "input_tokens"):
        return  # the oldest client
    counted = responses.input_tokens.count(model=target.model, input="My name is Wren.")
    equal(counted.input_tokens, respond(target).usage.input_tokens)


def what_is_not_here_is_refused_by_name(target: Target):
    for fields, param in [
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"reasoning": {"summary": "concise"}}, "reasoning.summary"),
    ]:
        problem = refused(lambda fields=fields: respond(target, **fields))
        assert isinstance(problem, openai.BadRequestError), problem
        equal(problem.param, param)


def the_clients_own_stream_follows(target: Target):
    """Its helper puts the response together from the events, and fails where they do not fit."""
    options = {"model": target.model, "input": "Say hello.", "max_output_tokens": 24, "temperature": 0}
    with client_of(target).responses.stream(**options) as stream:
        texts = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    equal(final.output_text, "".join(texts))


def a_form_is_parsed(target: Target):
    class City(pydantic.BaseModel):
        name: str
        population: int

    options = {"model": target.model, "input": "Describe Paris.", "max_output_tokens": 200, "temperature": 0}
    city = client_of(target).responses.parse(**options, text_format=City).output_parsed
    assert isinstance(city, City) and city.name, city

"""The traffic of a framework: LangChain's ChatOpenAI and OpenAI classes."""

import asyncio

import openai
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI, OpenAI

from target import Target, equal

QUESTION = "Name three colours."


def model_of(target: Target, **fields) -> ChatOpenAI:
    defaults = {"model": target.model, "temperature": 0, "max_tokens": 16, "max_retries": 0}
    return ChatOpenAI(base_url=target.base + "/v1", api_key="not-needed", **defaults | fields)


def an_invocation_answers_and_counts(target: Target):
    answer = model_of(target).invoke(QUESTION)
    assert isinstance(answer, AIMessage) and answer.content, answer
    usage = answer.usage_metadata
    equal(usage["total_tokens"], usage["input_tokens"] + usage["output_tokens"])
    assert answer.response_metadata["finish_reason"] in ("stop", "length")
    equal(answer.response_metadata["model_name"], target.model)


def a_stream_says_what_the_invocation_says(target: Target):
    model = model_of(target, stream_usage=True)
    chunks = list(model.stream(QUESTION))
    equal("".join(chunk.content for chunk in chunks), model.invoke(QUESTION).content)
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert whole.usage_metadata["output_tokens"] > 0, whole.usage_metadata


def a_batch_keeps_its_order(target: Target):
    model, questions = model_of(target), [QUESTION, "你好", "Count: 1 2 3"]
    equal([answer.content for answer in model.batch(questions)], [model.invoke(text).content for text in questions])


def a_conversation_has_roles(target: Target):
    messages = [SystemMessage("You are brief."), HumanMessage("My name is Ada."), AIMessage("Hello Ada."), HumanMessage("Who am I?")]
    assert model_of(target).invoke(messages).content


def asynchronous_calls_work(target: Target):
    async def both():
        model = model_of(target)
        pieces = [chunk.content async for chunk in model.astream(QUESTION)]
        return "".join(pieces), (await model.ainvoke(QUESTION)).content

    streamed, whole = asyncio.run(both())
    equal(streamed, whole)


def stops_and_log_probabilities_can_be_bound(target: Target):
    model = model_of(target)
    whole = model.invoke(QUESTION).content
    stop = whole[4:6]
    equal(model.bind(stop=[stop]).invoke(QUESTION).content, whole[: whole.index(stop)])
    assert model.bind(logprobs=True, top_logprobs=2).invoke(QUESTION).response_metadata["logprobs"]["content"]


def completions_work_too(target: Target):
    model = OpenAI(base_url=target.base + "/v1", api_key="x", model=target.model, temperature=0, max_tokens=8)
    equal("".join(model.stream("The sky is")), model.invoke("The sky is"))
    equal(len(model.generate(["One", "Two"]).generations), 2)


def a_refusal_is_openais_exception(target: Target):
    try:
        model_of(target, temperature=5).invoke(QUESTION)
    except openai.BadRequestError as error:
        equal(error.param, "temperature")
    else:
        raise AssertionError("accepted")


def the_responses_api_is_spoken_too(target: Target):
    model = model_of(target, use_responses_api=True, max_tokens=24)
    first = model.invoke("My name is Wren.")
    identity = first.response_metadata["id"]
    assert first.text and identity.startswith("resp_"), first
    pieces = list(model.stream("Say hello.", previous_response_id=identity))
    assert "".join(piece.text for piece in pieces), pieces
    equal(first.usage_metadata["total_tokens"], sum(first.usage_metadata[name] for name in ("input_tokens", "output_tokens")))

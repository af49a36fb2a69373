"""Many at once through the asynchronous client, and clients that leave."""

import asyncio

from openai_client import async_client_of
from target import HELLO, Target, equal
from wire_stream import settled


async def many_streams_say_what_one_says(target: Target):
    """A token's result never depends on its neighbours, so a crowd hears what one alone hears."""
    async with async_client_of(target) as client:
        alone = await spoken(client, target, "The first ten prime numbers are")
        prompts = ["The first ten prime numbers are", "你好，请", "def fibonacci(n):", "A short poem:"] * 4
        texts = await asyncio.gather(*(spoken(client, target, prompt) for prompt in prompts))
    equal({texts[index] for index in range(0, 16, 4)}, {alone}, "the same prompt, alone and in a crowd")


async def spoken(client, target: Target, prompt: str) -> str:
    stream = await client.completions.create(
        model=target.model, prompt=prompt, max_tokens=16, temperature=0, stream=True
    )
    return "".join([chunk.choices[0].text async for chunk in stream])


async def streams_of_different_sampling_share_a_batch(target: Target):
    async with async_client_of(target) as client:
        settings = [{"temperature": 0}, {"temperature": 1, "seed": 3}, {"temperature": 2, "top_p": 0.5}, {"stop": ["e"]}]
        create = client.chat.completions.create
        answers = await asyncio.gather(
            *(create(model=target.model, messages=HELLO, max_tokens=12, **fields) for fields in settings * 3)
        )
    equal(len({answers[index].choices[0].message.content for index in (0, 4, 8)}), 1, "greedy in a mixed batch")
    equal(len({answers[index].choices[0].message.content for index in (1, 5, 9)}), 1, "seeded in a mixed batch")


async def a_stream_may_be_closed_half_way(target: Target):
    async with async_client_of(target) as client:
        stream = await client.chat.completions.create(
            model=target.model, messages=HELLO, max_tokens=2000, stream=True, extra_body={"ignore_eos": True}
        )
        async for _ in stream:
            break
        await stream.close()
        await asyncio.to_thread(settled, target)


async def a_cancelled_task_frees_its_blocks(target: Target):
    async with async_client_of(target) as client:
        create = client.chat.completions.create
        fields = {"model": target.model, "messages": HELLO, "max_tokens": 2000, "extra_body": {"ignore_eos": True}}
        tasks = [asyncio.create_task(create(**fields)) for _ in range(6)]
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(settled, target)

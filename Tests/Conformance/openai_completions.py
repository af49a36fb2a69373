"""The older completions endpoint: prompts of four kinds, echo and log-probabilities."""

from openai_client import chat, complete
from target import Target, equal


def a_prompt_is_continued(target: Target):
    answer = complete(target, prompt="Once upon a time", temperature=0)
    equal((answer.object, answer.choices[0].index), ("text_completion", 0))
    assert answer.id.startswith("cmpl-") and answer.choices[0].text, answer


def four_kinds_of_prompt_agree(target: Target):
    texts = ["Once upon a time", "The sky is"]
    ids = [target.tokenize(text) for text in texts]
    alone = [complete(target, prompt=text, temperature=0).choices[0].text for text in texts]
    equal([choice.text for choice in complete(target, prompt=texts, temperature=0).choices], alone, "list of strings")
    equal(complete(target, prompt=ids[0], temperature=0).choices[0].text, alone[0], "token ids")
    equal([choice.text for choice in complete(target, prompt=ids, temperature=0).choices], alone, "lists of token ids")


def choices_of_several_prompts_stay_in_order(target: Target):
    answer = complete(target, prompt=["One", "Two"], n=2, temperature=1, max_tokens=4)
    equal([choice.index for choice in answer.choices], [0, 1, 2, 3])


def a_stream_says_what_the_whole_says(target: Target):
    whole = complete(target, prompt="The moon", temperature=0).choices[0]
    chunks = list(complete(target, prompt="The moon", temperature=0, stream=True))
    equal("".join(chunk.choices[0].text for chunk in chunks), whole.text)
    equal(chunks[-1].choices[0].finish_reason, whole.finish_reason)


def an_echo_begins_with_the_prompt(target: Target):
    for prompt in ("The moon", "你好，世界", "🙂 emoji"):
        answer = complete(target, prompt=prompt, echo=True, max_tokens=4, temperature=0)
        plain = complete(target, prompt=prompt, max_tokens=4, temperature=0)
        equal(answer.choices[0].text, prompt + plain.choices[0].text)


def an_echo_scores_the_prompt(target: Target):
    prompt = "The capital of France is Paris"
    ids = target.tokenize(prompt)
    logprobs = complete(target, prompt=ids, echo=True, logprobs=2, max_tokens=1, temperature=0).choices[0].logprobs
    equal(len(logprobs.tokens), len(ids) + 1)
    equal((logprobs.token_logprobs[0], logprobs.top_logprobs[0]), (None, None))
    equal("".join(logprobs.tokens[: len(ids)]), prompt)
    assert all(len(top) in (2, 3) for top in logprobs.top_logprobs[1:]), "top_logprobs"
    equal(logprobs.text_offset[:2], [0, len(logprobs.tokens[0])], "text offsets")


def scores_of_prompt_and_answer_agree(target: Target):
    """What the model said with some probability, it scores with the same when it reads it."""
    ids = target.tokenize("The weather today is")
    said = complete(target, prompt=ids, logprobs=0, max_tokens=6, temperature=0).choices[0]
    answer = target.tokenize(said.text)
    read = complete(target, prompt=ids + answer, echo=True, logprobs=0, max_tokens=1, temperature=0).choices[0]
    pairs = list(zip(said.logprobs.token_logprobs, read.logprobs.token_logprobs[len(ids) : len(ids) + len(answer)]))
    assert all(abs(one - other) < 1e-3 for one, other in pairs), pairs


def fields_reach_the_sampler(target: Target):
    """Best of three is one of three; a seed repeats itself; a bias forbids; what is likeliest is chosen without chance."""
    hot = {"prompt": "The moon", "temperature": 1.5, "top_p": 0.95, "seed": 7, "max_tokens": 8}
    equal(complete(target, **hot).choices[0].text, complete(target, **hot).choices[0].text)
    three = [choice.text for choice in complete(target, **hot, n=3).choices]
    equal(len(set(three)), 3)
    assert complete(target, **hot, best_of=3).choices[0].text in three, three
    first = target.tokenize(complete(target, prompt="The moon", temperature=0, max_tokens=1).choices[0].text)[0]
    other = complete(target, prompt="The moon", temperature=0, max_tokens=1, logit_bias={str(first): -100}).choices[0].text
    assert target.tokenize(other)[0] != first, other
    plain = complete(target, prompt="la la la la", temperature=0, max_tokens=16).choices[0].text
    strict = {"presence_penalty": 2, "frequency_penalty": 2, "user": "u"}
    assert complete(target, prompt="la la la la", temperature=0, max_tokens=16, **strict).choices[0].text != plain, plain


def a_stop_ends_it(target: Target):
    answer = complete(target, prompt="1 2 3 4 5 6", temperature=0, stop=[" 9"], max_tokens=32)
    assert " 9" not in answer.choices[0].text


def a_chat_is_its_template_continued(target: Target):
    """Both endpoints count the same prompt when it is written by hand, so there is one tokenizer and one template."""
    longer = chat(target, messages=[{"role": "user", "content": "hello " * 20}]).usage.prompt_tokens
    shorter = chat(target, messages=[{"role": "user", "content": "hello " * 10}]).usage.prompt_tokens
    equal(longer - shorter, len(target.tokenize("hello " * 20)) - len(target.tokenize("hello " * 10)))


def nothing_may_be_asked_for(target: Target):
    """OpenAI's description has 0 as the least: the prompt is read, and nothing follows."""
    for echo in (False, True):
        answer = complete(target, prompt="One two", echo=echo, max_tokens=0)
        equal((answer.choices[0].text, answer.choices[0].finish_reason), ("One two" if echo else "", "length"))
        equal(answer.usage.completion_tokens, 0)

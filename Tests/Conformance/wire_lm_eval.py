"""The requests of lm-eval 0.4.13 (`local-completions`, remote tokenizer), and tokens there and back."""

import math

from target import Target, equal

AWKWARD = [
    "Hello, world!", "  two  spaces ", "你好，世界！", "混合 English 和 中文 123", "🙂👩‍👩‍👧‍👦🇨🇳", "tabs\tand\nlines\r\n", "naïve café",
    "def f(x):\n    return x ** 2\n", "1234567890", "ｆｕｌｌｗｉｄｔｈ", "हिन्दी العربية עברית", "'s 're don't I'LL", "",
]


def tokenizer_info_names_the_special_tokens(target: Target):
    info = target.get("/tokenizer_info").json
    for field in ("tokenizer_class", "eos_token", "bos_token", "pad_token", "chat_template"):
        assert field in info, f"{field} is missing in {sorted(info)}"
    assert info["eos_token"], "no eos_token"


def tokens_come_back_as_the_text_they_were(target: Target):
    for text in AWKWARD:
        tokens = target.tokenize(text)
        assert all(isinstance(token, int) for token in tokens), tokens
        equal(target.post("/detokenize", {"tokens": tokens}).json["prompt"], text)


def counts_agree(target: Target):
    reply = target.post("/tokenize", {"prompt": "Count these tokens, please.", "add_special_tokens": False}).json
    equal(reply["count"], len(reply["tokens"]))


def a_log_likelihood_is_what_lm_eval_expects(target: Target):
    context, continuation = target.tokenize("The capital of France is"), target.tokenize(" Paris")
    choice = scored(target, [context + continuation])["choices"][0]
    scores, tops = choice["logprobs"]["token_logprobs"], choice["logprobs"]["top_logprobs"]
    equal(len(scores), len(context + continuation) + 1, "scores: the prompt and one more")
    equal((scores[0], tops[0]), (None, None), "the first token has no score")
    for score, top in zip(scores[1:], tops[1:]):
        assert math.isfinite(score) and score <= 1e-4, score
        assert max(top.values()) >= score - 1e-4, "the best is worse than the one that is there"


def a_batch_is_scored_as_each_alone(target: Target):
    prompts = [target.tokenize(text) for text in ("The sun rises in the east.", "Water boils at", "你好，世界")]
    together = scored(target, prompts)["choices"]
    equal([choice["index"] for choice in together], [0, 1, 2])
    for prompt, choice in zip(prompts, together):
        alone = scored(target, [prompt])["choices"][0]
        equal(choice["logprobs"]["token_logprobs"], alone["logprobs"]["token_logprobs"], "bit for bit")


def the_likely_is_likelier(target: Target):
    context = "The opposite of hot is"
    equal(likelihood(target, context, " cold") > likelihood(target, context, " purple"), True)


def likelihood(target: Target, context: str, continuation: str) -> float:
    start, ids = len(target.tokenize(context)), target.tokenize(context + continuation)
    return sum(scored(target, [ids])["choices"][0]["logprobs"]["token_logprobs"][start:-1])


def generation_until_a_stop(target: Target):
    ids = target.tokenize("Q: What is 2 + 2?\nA:")
    fields = dict(prompt=[ids], max_tokens=16, temperature=0, stop=["\n", "Q:"], seed=1234)
    reply = target.complete(**fields)
    equal(reply.status, 200, reply.body[:200])
    assert "\n" not in reply.json["choices"][0]["text"], "the stop string leaked"


def scored(target: Target, prompts: list[list[int]]) -> dict:
    fields = dict(prompt=prompts, max_tokens=1, logprobs=1, echo=True, seed=1234, temperature=0)
    reply = target.complete(**fields)
    equal(reply.status, 200, reply.body[:200])
    return reply.json

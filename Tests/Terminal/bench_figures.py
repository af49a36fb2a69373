"""`yuyan bench`: small, as JSON."""

import json

from command import Command


def figures_are_json(yuyan: Command):
    yuyan.need_model()
    result = yuyan.run("bench", yuyan.model, "--prompt", 16, "--generate", 4, "--repeat", 1, "--json")
    assert result.returncode == 0, result
    figures = json.loads(result.stdout)
    assert figures["promptTokensPerSecond"] > 0 and figures["generationTokensPerSecond"] > 0, figures
    assert (figures["promptTokens"], figures["generatedTokens"]) == (16, 4), figures


def more_than_the_context_is_refused(yuyan: Command):
    yuyan.need_model()
    result = yuyan.run("bench", yuyan.model, "--prompt", 10_000_000)
    assert result.returncode == 65 and "do not fit the context" in result.stderr, result


def the_engine_is_measured_too(yuyan: Command):
    yuyan.need_model()
    flags = ["--prompt", 16, "--generate", 4, "--repeat", 1, "--clients"]
    result = yuyan.run("bench", yuyan.model, *flags, "2,3", "--json")
    assert result.returncode == 0, result
    found = json.loads(result.stdout)["engine"]["clients"]
    assert [(each["clients"], each["requests"]) for each in found] == [(2, 8), (3, 12)], found
    shown = yuyan.run("bench", yuyan.model, *flags, 1)
    assert "1 client, first token" in shown.stdout and "1 client, between tokens" in shown.stdout, shown

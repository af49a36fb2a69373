"""`yuyan bench`: small, as JSON."""

import json
import os
import re
from pathlib import Path

from command import Command, Skip, eventually

SMALL = ["--prompt", 16, "--generate", 4, "--repeat", 1, "--json"]


def figures_are_json(yuyan: Command):
    yuyan.need_model()
    result = yuyan.run("bench", yuyan.model, *SMALL)
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


def processors(count: int) -> list[int]:
    if not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < count:
        raise Skip(f"threads cannot be put on {count} processors here")
    return sorted(os.sched_getaffinity(0))[:count]


def places(process: int) -> set[str]:
    """The processors that each thread may be on, as Linux lists them."""
    found = set()
    for status in Path(f"/proc/{process}/task").glob("*/status"):
        try:
            found.add(re.search(r"^Cpus_allowed_list:\s*(\S+)", status.read_text(), re.M)[1])
        except OSError:  # the thread has ended
            pass
    return found


def threads_stay_where_they_are_put(yuyan: Command):
    yuyan.need_model()
    first, second = processors(2)
    sizes = ["--prompt", 16, "--generate", 64, "--repeat", 1000]
    with yuyan.start("bench", yuyan.model, "--cpus", f"{second},{first}", *sizes) as process:
        eventually(lambda: {str(first), str(second)} <= places(process.pid), "one thread on each processor")


def a_list_of_processors_says_how_many_threads(yuyan: Command):
    yuyan.need_model()
    (first,) = processors(1)
    result = yuyan.run("bench", yuyan.model, "--cpus", first, *SMALL)
    assert result.returncode == 0 and json.loads(result.stdout)["threads"] == 1, result


def processors_that_cannot_be_had_are_named(yuyan: Command):
    yuyan.need_model()
    (first,) = processors(1)
    for flags, words in {("--cpus", 8191): "processor 8191 is not ", ("--cpus", first, "--threads", 2): "2 threads want a processor each"}.items():
        result = yuyan.run("bench", yuyan.model, *flags, *SMALL)
        assert result.returncode == 65 and words in result.stderr, result

"""`yuyan run --session`: a conversation goes on in another process, and damaged files are refused."""

import json

from command import Command

STORY = "The swift flies high over the old town, and the people below look up. " * 30
OPTIONS = ("--max-tokens", 12, "--temperature", 0, "--json")


def a_conversation_goes_on(yuyan: Command):
    yuyan.need_model()
    first = answer(yuyan, STORY + "What flies?", "--session", "birds")
    second = answer(yuyan, "And who looks up?", "--session", "birds")
    assert second["cachedTokens"] > 0.85 * second["promptTokens"] and first["cachedTokens"] == 0, (first, second)
    assert second["promptTokens"] > first["promptTokens"] + first["completionTokens"], (first, second)
    file = yuyan.home / "sessions" / "birds.session"
    print(f"     prompt {first['promptMilliseconds']:.0f} ms at first, {second['promptMilliseconds']:.0f} ms restored; {file.stat().st_size} bytes")


def what_was_cut_is_refused(yuyan: Command):
    yuyan.need_model()
    answer(yuyan, "Hello, how are you today, my friend of old?", "--session", "cut")
    file = yuyan.home / "sessions" / "cut.session"
    whole = file.read_bytes()
    for bytes_ in (whole[:-1], whole[: len(whole) // 2], b"", b"YUYANSE1" + b"\xff" * 200):
        file.write_bytes(bytes_)
        result = yuyan.run("run", yuyan.model, "Go on.", "--session", "cut", *OPTIONS)
        assert result.returncode == 65 and "no session that can be restored" in result.stderr, result


def what_contradicts_itself_is_refused(yuyan: Command):
    result = yuyan.run("run", yuyan.model, "Hi", "--session", "x", "--raw")
    assert result.returncode == 64 and "--session keeps a conversation" in result.stderr, result
    yuyan.need_model()
    result = yuyan.run("run", yuyan.model, "Hi", "--session", "../x")
    assert result.returncode == 65 and "cannot be a session's name" in result.stderr, result


def answer(yuyan: Command, question: str, *options) -> dict:
    result = yuyan.run("run", yuyan.model, question, *options, *OPTIONS)
    assert result.returncode == 0, result
    return json.loads(result.stdout)

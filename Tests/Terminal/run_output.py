"""`yuyan run`: where its answer goes."""

import json
import subprocess

from command import INTERRUPT, PATIENCE, Command, ended


def an_answer_is_all_that_comes_out(yuyan: Command):
    yuyan.need_model()
    result = yuyan.run("run", yuyan.model, "Say hello.", "--max-tokens", 8, "--temperature", 0)
    assert result.returncode == 0 and result.stdout.strip() and not result.stderr, result
    again = yuyan.run("run", yuyan.model, "--max-tokens", 8, "--temperature", 0, "--json", input="Say hello.")
    assert json.loads(again.stdout)["text"].strip() == result.stdout.strip(), again


def a_reader_that_goes_ends_it_cleanly(yuyan: Command):
    yuyan.need_model()
    line = '"$1" run "$2" "Write a long story." --max-tokens 2000 | head -c 1 | wc -c; echo "${PIPESTATUS[0]}"'
    result = subprocess.run(
        ["bash", "-c", line, "_", yuyan.executable, yuyan.model],
        capture_output=True, text=True, timeout=PATIENCE, env=yuyan.environment(),
    )  # fmt: skip
    assert result.stdout.split() == ["1", "0"] and not result.stderr, result


def an_answer_that_cannot_be_kept_is_a_failure(yuyan: Command):
    yuyan.need_model()
    with open("/dev/full", "w") as full:
        result = yuyan.run("run", yuyan.model, "Hi", "--max-tokens", 4, capture_output=False, stdout=full,
                           stderr=subprocess.PIPE)  # fmt: skip
    assert result.returncode == 1 and "the output cannot be written: No space left" in result.stderr, result


def an_interrupted_answer_ends_with_130(yuyan: Command):
    yuyan.need_model()
    with yuyan.start("run", yuyan.model, "Write a long story.", "--max-tokens", 4000) as process:
        assert process.stdout.read(1)
        ended(process, 130, INTERRUPT)


def no_prompt_is_usage(yuyan: Command):
    result = yuyan.run("run", yuyan.model)
    assert result.returncode == 64 and "there is no prompt: yuyan run" in result.stderr, result


def what_cannot_be_is_refused_by_name(yuyan: Command):
    yuyan.need_model()
    for option, name in ((["--temperature", "-1"], "temperature"), (["--top-p", "7"], "top_p"), (["--max-tokens", "-3"], "max_tokens")):
        result = yuyan.run("run", yuyan.model, "Hi", *option)
        assert result.returncode == 65 and f"{name} must be" in result.stderr, result


def a_bad_name_has_its_code_and_remedy(yuyan: Command):
    result = yuyan.run("run", "no-such-model", "Hi")
    assert result.returncode == 65 and "yuyan list --all" in result.stderr, result


def what_is_no_utf8_is_said(yuyan: Command):
    yuyan.need_model()
    given = "你好".encode("gbk") + b" hello"
    result = yuyan.run("run", yuyan.model, "--max-tokens", 4, input=given, text=False)
    assert result.returncode == 0 and b"not all UTF-8" in result.stderr and b"iconv" in result.stderr, result
    right = yuyan.run("run", yuyan.model, "--max-tokens", 4, input="你好 hello".encode(), text=False)
    assert right.returncode == 0 and not right.stderr, right

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


BASE = """
model:
  new: {model_type: llama, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 1}
  tokenizer: {type: bpe, size: 300}
data: {train: lines.jsonl, validation_share: 0}
batch: {tokens: 64, context: 32, precision: float32}
steps: 2
"""


def a_base_model_says_on_a_terminal_that_it_goes_on_with_the_text(yuyan: Command):
    folder = yuyan.home / "texts"
    folder.mkdir()
    (folder / "base.yaml").write_text(BASE)
    (folder / "lines.jsonl").write_text("".join(json.dumps({"text": f"line {i * i}"}) + "\n" for i in range(50)))
    trained = yuyan.run("train", folder / "base.yaml")
    assert trained.returncode == 0, trained
    piped = yuyan.run("run", "base", "line", "--max-tokens", 4)
    assert piped.returncode == 0 and not piped.stderr, piped
    with yuyan.terminal("run", "base", "line", "--max-tokens", "4") as terminal:
        terminal.expect("base is a base model")
        terminal.ends(0)
    with yuyan.terminal("run", "base", "line", "--max-tokens", "4", "--raw") as terminal:
        terminal.ends(0)
        assert "base model" not in terminal.seen, terminal.seen


def what_cannot_be_is_refused_by_name(yuyan: Command):
    impossible = (("--temperature", "-1"), ("--temperature", "nan"), ("--top-p", "7"), ("--top-k", "-3"), ("--min-p", "2"),
                  ("--repetition-penalty", "0"), ("--max-tokens", "-3"), ("--stop", ""))
    for flag, value in impossible:
        result = yuyan.run("run", yuyan.model, "Hi", flag, value)
        assert result.returncode == 64 and f"{flag} must be" in result.stderr, result


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

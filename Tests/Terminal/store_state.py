"""Files of the store that something happened to, and a home that is none."""

import os
import shutil
from pathlib import Path

from command import INTERRUPT, Command, ended, eventually


def own(yuyan: Command):
    """A model of the home's own, which may be spoilt."""
    yuyan.need_model()
    (link,) = (each for each in yuyan.models.iterdir() if each.suffix == ".gguf")
    file, origin = link, link.resolve()
    link.unlink()
    shutil.copyfile(origin, file)
    return file


def a_flipped_bit_is_seen_before_the_model_is_opened(yuyan: Command):
    file = own(yuyan)
    assert yuyan.run("run", yuyan.model, "Hi", "--max-tokens", 1).returncode == 0
    with file.open("r+b") as content:
        content.seek(-1000, 2)
        byte = content.read(1)[0]
        content.seek(-1000, 2)
        content.write(bytes([byte ^ 4]))
    listed = yuyan.run("list")
    assert listed.returncode == 0 and "touched since it was verified" in listed.stderr, listed
    for command in (("run", yuyan.model, "Hi"), ("show", yuyan.model), ("serve", yuyan.model, "--port", 0)):
        result = yuyan.run(*command)
        assert result.returncode == 65 and "SHA-256" in result.stderr and "yuyan pull" in result.stderr, result


def a_file_that_was_only_touched_is_opened_as_before(yuyan: Command):
    file = own(yuyan)
    assert yuyan.run("run", yuyan.model, "Hi", "--max-tokens", 1).returncode == 0
    file.touch()
    assert yuyan.run("run", yuyan.model, "Hi", "--max-tokens", 1).returncode == 0
    assert not yuyan.run("list").stderr


def a_file_cut_short_is_told_by_list(yuyan: Command):
    file = own(yuyan)
    with file.open("r+b") as content:
        content.truncate(file.stat().st_size // 2)
    result = yuyan.run("list")
    assert result.returncode == 0 and "smollm2" in result.stderr and "damaged" in result.stderr, result


def a_home_that_is_a_file_is_named(yuyan: Command):
    file = yuyan.home / "file"
    file.write_text("no folder")
    result = yuyan.run("list", env=yuyan.environment(YUYAN_HOME=str(file)))
    assert result.returncode == 1 and f"{file}: this is a file, not a folder" in result.stderr, result


def what_is_not_there_is_bad_input_to_pull(yuyan: Command):
    result = yuyan.run("pull", "./missing.gguf")
    assert result.returncode == 65 and "missing.gguf" in result.stderr, result


def an_interrupted_measurement_ends_with_the_code_for_that(yuyan: Command):
    yuyan.need_model()
    text = yuyan.home / "text.txt"
    text.write_text("It is a truth universally acknowledged. " * 20_000)
    with yuyan.terminal("perplexity", yuyan.model, text) as terminal:
        terminal.expect("perplexity ")
        terminal.press("c")
        terminal.ends(130)
    with yuyan.start("bench", yuyan.model, "--repeat", 1000) as process:
        eventually(lambda: seconds(process.pid) > 1, "it measures")
        ended(process, 130, INTERRUPT)


def seconds(pid: int) -> float:
    """That the process has computed for."""
    fields = Path(f"/proc/{pid}/stat").read_text().split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

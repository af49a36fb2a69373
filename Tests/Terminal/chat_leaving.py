"""How a conversation ends, and how it cannot begin."""

import os
import signal

from command import Command


def each_way_out_ends_with_success(yuyan: Command):
    for way in ("/exit\r", "/quit\r", "\x04"):
        with yuyan.chat() as chat:
            chat.type(way)
            chat.ends(0)


def ctrl_d_in_a_line_deletes_and_does_not_leave(yuyan: Command):
    with yuyan.chat("--max-tokens", "4") as chat:
        chat.type("ab\x01\x04")  # to the beginning, then delete forward
        chat.enter("")
        chat.expect("(cut")
    assert '"b"' in (yuyan.home / "history.json").read_text()


def whoever_ends_it_gets_the_terminal_back(yuyan: Command):
    for number in (signal.SIGTERM, signal.SIGHUP):
        with yuyan.chat() as chat:
            chat.process.send_signal(number)
            chat.ends(128 + number)


def a_terminal_that_goes_away_ends_it(yuyan: Command):
    with yuyan.chat() as chat:
        os.close(chat.screen)
        os.close(chat.theirs)
        chat.process.wait(chat.patience)
        chat.screen, chat.theirs = os.pipe()


def a_bad_name_names_the_remedy(yuyan: Command):
    with yuyan.terminal("chat", "smollm3-135m") as chat:
        said = chat.ends(65)
        assert "there is no model smollm3-135m" in said and "yuyan list --all" in said, said


def a_file_that_is_no_model_is_named(yuyan: Command):
    path = yuyan.home / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    result = yuyan.run("chat", path)
    assert result.returncode == 65 and "broken" in result.stderr, result


def bad_options_are_usage(yuyan: Command):
    for options in (["--temperature", "hot"], ["--no-such-option"], ["--max-tokens"], ["--seed", "-1"]):
        result = yuyan.run("chat", yuyan.model, *options)
        assert result.returncode == 64 and "Usage" in result.stderr, (options, result)


def a_pipe_instead_of_a_terminal_is_a_conversation_too(yuyan: Command):
    yuyan.need_model()
    lines = "Say hello.\n\n/help\nName three birds.\n"
    result = yuyan.run("chat", yuyan.model, "--temperature", "0", "--max-tokens", "8", input=lines)
    assert result.returncode == 0, result
    assert len([part for part in result.stdout.split("\n\n") if part.strip()]) == 2, result.stdout
    assert "/again" in result.stderr and "\x1b" not in result.stdout + result.stderr, result

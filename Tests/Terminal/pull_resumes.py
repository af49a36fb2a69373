"""`yuyan pull` that is stopped in the middle, in every way, and goes on where it was."""

import json
import random

from command import INTERRUPT, KILL, Command, ended, eventually
from web import site

CONTENT = random.Random(1).randbytes(3_000_000)
HALF = 1_500_000


def an_interrupted_pull_goes_on(yuyan: Command):
    stopped_and_continued(yuyan, INTERRUPT, 130)


def a_killed_pull_goes_on(yuyan: Command):
    stopped_and_continued(yuyan, KILL, -KILL)


def stopped_and_continued(yuyan: Command, number: int, code: int):
    with site(CONTENT, stops_at=HALF) as web:
        with yuyan.start("pull", web.url("Tiny.bin")) as process:
            half_there(yuyan)
            ended(process, code, number)
        nothing_is_listed(yuyan)
        web.gate.set()
        whole_after(yuyan, web)


def a_server_that_dies_in_the_middle_is_continued_when_it_is_back(yuyan: Command):
    with site(CONTENT, stops_at=HALF) as web:
        with yuyan.start("pull", web.url("Tiny.bin")) as process:
            half_there(yuyan)
            port = web.port
            hang_up(web)
            ended(process, 69)
        nothing_is_listed(yuyan)
    with site(CONTENT, port=port) as web:
        whole_after(yuyan, web)


def hang_up(web):
    """Ends the server and the answer it was giving, as a process does that is killed."""
    web.content = web.content[:HALF]
    web.close()


def half_there(command: Command):
    part = command.models / "Tiny.bin.part"
    eventually(lambda: part.exists() and part.stat().st_size == HALF, "half of the file is there")


def nothing_is_listed(command: Command):
    names = [each["name"] for each in json.loads(command.run("list", "--json").stdout)]
    assert "tiny" not in names, names


def whole_after(yuyan: Command, web):
    result = yuyan.run("pull", web.url("Tiny.bin"))
    assert result.returncode == 0 and "tiny is at" in result.stdout, result
    assert web.ranges[-1] == f"bytes={HALF}-", web.ranges
    assert (yuyan.models / "Tiny.bin").read_bytes() == CONTENT
    assert not list(yuyan.models.glob("*.part*")), list(yuyan.models.iterdir())


def a_bar_is_drawn_on_a_terminal_and_lines_elsewhere(yuyan: Command):
    with site(CONTENT, stops_at=HALF) as web:
        with yuyan.terminal("pull", web.url("Bar.bin")) as terminal:
            terminal.expect(" %  ")
            web.gate.set()
            assert "bar is at" in terminal.ends(0)
        result = yuyan.run("pull", web.url("Lines.bin"))
    shares = [int(line.split()[-5]) for line in result.stderr.splitlines() if " % of " in line]
    assert shares == sorted(set(shares)) and shares[-1] == 100, result.stderr


def a_bad_name_has_its_code_and_remedy(yuyan: Command):
    result = yuyan.run("pull", "smolm2-135m-instruct")
    assert result.returncode == 65 and "Did you mean" in result.stderr, result


def a_wrong_hash_leaves_nothing(yuyan: Command):
    with site(CONTENT) as web:
        result = yuyan.run("pull", web.url("Tiny.bin"), "--sha256", "0" * 64)
    assert result.returncode == 1 and "SHA-256" in result.stderr, result
    nothing_is_listed(yuyan)
    assert not list(yuyan.models.glob("Tiny*")), list(yuyan.models.iterdir())

"""A disk that is really full: a file system of two megabytes, mounted where only the check sees it."""

import json
import random
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from command import PATIENCE, Command, Skip, eventually
from serve_ends import asked, is_ready
from web import site

CONTENT = random.Random(2).randbytes(3_000_000)
SMALL = CONTENT[:1_200_000]
MOUNT = 'mount -t tmpfs -o size=2m tmpfs "$1" && shift && exec "$@"'
NAMESPACE = ["unshare", "--mount", "--map-root-user"]


def inside(yuyan: Command, function, module=__file__):
    """Runs a function of a module in a namespace of its own, with a small disk at the command's home."""
    small = yuyan.home / "small"
    small.mkdir()
    probe = subprocess.run([*NAMESPACE, "sh", "-c", MOUNT, "sh", small, "true"], capture_output=True, text=True)
    if probe.returncode:
        raise Skip(f"no small disk can be mounted here: {probe.stderr.strip()}")
    models = [str(each.resolve()) for each in yuyan.models.iterdir()]
    arguments = [sys.executable, "-B", module, function.__name__, str(yuyan.executable), str(small), *models]
    result = subprocess.run(
        [*NAMESPACE, "sh", "-c", MOUNT, "sh", small, *arguments], capture_output=True, text=True, timeout=PATIENCE * 3
    )
    assert result.returncode == 0, result.stdout + result.stderr[-2000:]


@contextmanager
def filled(home: Path, free: int):
    """Leaves so many bytes of the disk."""
    ballast = home / "ballast"
    size = int(subprocess.check_output(["df", "--output=avail", "-B1", home]).split()[-1]) - free
    ballast.write_bytes(bytes(max(0, size)))
    try:
        yield
    finally:
        ballast.unlink()


def told(result, home: Path):
    """The error names the folder, what is needed, what there is, and what to do."""
    assert result.returncode == 1, result
    for words in (str(home), "not enough room", "bytes are needed", "are free", "YUYAN_HOME"):
        assert words in result.stderr, (words, result.stderr)


def nothing_broken(small: Command):
    listed = json.loads(small.run("list", "--json").stdout)
    assert not [each for each in listed if each["name"] == "tiny"], listed


def a_file_larger_than_the_disk_is_not_begun(yuyan: Command):
    inside(yuyan, too_large)


def too_large(small: Command):
    original = small.home.parent / "Tiny.bin"
    original.write_bytes(CONTENT)
    with site(CONTENT) as web:
        for reference in (web.url("Tiny.bin"), original):
            told(small.run("pull", reference), small.home)
            nothing_broken(small)


def a_disk_that_fills_meanwhile_keeps_what_came(yuyan: Command):
    inside(yuyan, fills_meanwhile)


def fills_meanwhile(small: Command):
    """There was room when it began, and then somebody else took it; with room again it goes on from there."""
    part = small.models / "Tiny.bin.part"
    with site(SMALL, stops_at=400_000) as web:
        with small.start("pull", web.url("Tiny.bin"), stderr=subprocess.PIPE) as process:
            eventually(lambda: part.exists() and part.stat().st_size == 400_000, "the first part is there")
            with filled(small.home, free=100_000):
                web.gate.set()
                output, errors = process.communicate(timeout=PATIENCE)
                told(subprocess.CompletedProcess([], process.returncode, output, errors), small.home)
                kept = part.stat().st_size
                assert kept >= 400_000, kept
                nothing_broken(small)
        result = small.run("pull", web.url("Tiny.bin"))
        assert result.returncode == 0, result
        assert web.ranges[-1] == f"bytes={kept}-", web.ranges
    assert (small.models / "Tiny.bin").read_bytes() == SMALL


def a_disk_without_a_byte_is_told_too(yuyan: Command):
    inside(yuyan, without_a_byte)


def without_a_byte(small: Command):
    """Not even a lock or a folder can be made."""
    with site(SMALL) as web, filled(small.home, free=0):
        result = small.run("pull", web.url("Tiny.bin"))
        assert result.returncode == 1 and str(small.home) in result.stderr, result
        assert "No space left" in result.stderr or "not enough room" in result.stderr, result
        nothing_broken(small)
    assert "Tiny" not in str(list(small.models.iterdir()))


def a_server_on_a_full_disk_answers(yuyan: Command):
    yuyan.need_model()
    inside(yuyan, still_serves)


def still_serves(small: Command):
    with filled(small.home, free=0), open(small.home / "log", "w") as log:
        with site(b"") as web:
            port = web.port
        with small.start("serve", small.model, "--port", port, stdout=log, stderr=log):
            eventually(lambda: is_ready(port), "ready")
            answer = json.loads(asked(port, max_tokens=8).read())
            assert answer["usage"]["completion_tokens"] == 8, answer


def a_conversation_on_a_full_disk_goes_on(yuyan: Command):
    yuyan.need_model()
    inside(yuyan, still_talks)


def still_talks(small: Command):
    with filled(small.home, free=0), small.chat("--max-tokens", "4") as chat:
        chat.enter("Hello")
        chat.expect("(cut")
        chat.prompt()
        chat.press("d")
        chat.ends(0)


@contextmanager
def stuffed(home: Path):
    """Takes every byte of the disk, though somebody else writes meanwhile."""
    ballast = home / "ballast"
    with open(ballast, "wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    try:
        yield
    finally:
        ballast.unlink()


RUN = """
model:
  new: {model_type: llama, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 1}
  tokenizer: {type: bpe, size: 300}
data: {train: lines.jsonl, validation_share: 0}
batch: {tokens: 64, context: 32, precision: float32}
checkpoints: {every: 20, keep: 2}
steps: 600
"""


def a_run_on_a_full_disk_keeps_its_last_checkpoint(yuyan: Command):
    inside(yuyan, stops_and_goes_on)


def stops_and_goes_on(small: Command):
    """It says which checkpoint is there, and with room again takes the very steps that it would have taken."""
    folder = small.home.parent
    (folder / "run.yaml").write_text(RUN)
    (folder / "lines.jsonl").write_text("".join(json.dumps({"text": f"line {i * i}"}) + "\n" for i in range(50)))
    with small.start("train", folder / "run.yaml", "--json", stderr=subprocess.PIPE) as process:
        for line in process.stdout:
            event = json.loads(line)
            if event.get("event") == "checkpoint" and event["step"] == "40":  # that of step 20 is whole then
                break
        with stuffed(small.home):
            _, errors = process.communicate(timeout=PATIENCE)
            assert process.returncode == 1, (process.returncode, errors)
            kept = sorted(int(each.name) for each in (small.home / "runs/run/checkpoints").iterdir() if each.name.isdigit())
            assert kept and f"step {kept[-1]}" in errors and "space" in errors.lower(), (kept, errors)
    resumed = small.run("train", folder / "run.yaml")
    assert resumed.returncode == 0 and f"going on after step {kept[-1]}" in resumed.stderr, resumed
    whole = small.run("train", folder / "run.yaml", "--name", "whole")
    assert whole.returncode == 0, whole
    assert losses(small, "run") == losses(small, "whole")


def losses(small: Command, name: str):
    lines = (small.home / "runs" / name / "metrics.jsonl").read_text().splitlines()
    return [(step["step"], step["loss"], step["norm"]) for step in map(json.loads, lines)]


if __name__ == "__main__":
    name, executable, home, *files = sys.argv[1:]
    globals()[name](Command(Path(executable), files, Path(home)))

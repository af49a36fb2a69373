"""The executable with a home of its own, and the processes it becomes. All end with the `with` that began them."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from terminal import Terminal

PATIENCE = 180  # seconds; the machine may be busy
MODEL = "smollm2-135m-instruct"


class Skip(Exception):
    """The check cannot run here; the message says why."""


class Command:
    def __init__(self, executable: Path, files: list[Path], home: Path):
        """`files` are models that the home is to hold."""
        self.executable, self.home, self.model, self.has_model = executable, home, MODEL, bool(files)
        self.models = home / "models"
        self.models.mkdir()
        for file in map(Path, files):
            (self.models / file.name).symlink_to(file)

    def environment(self, **changes) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YUYAN_")}
        return kept | {"YUYAN_HOME": str(self.home), "TERM": "xterm-256color", "NO_PROXY": "127.0.0.1"} | changes

    def need_model(self):
        if not self.has_model:
            raise Skip(f"{MODEL} is not there")

    def run(self, *arguments, **options) -> subprocess.CompletedProcess:
        """Runs to the end, with pipes instead of a terminal."""
        defaults = {"capture_output": True, "text": True, "timeout": PATIENCE, "env": self.environment()}
        if "input" not in options:
            defaults["stdin"] = subprocess.DEVNULL
        return subprocess.run([self.executable, *map(str, arguments)], **defaults | options)

    @contextmanager
    def start(self, *arguments, **options):
        """A process that is looked at while it runs."""
        defaults = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        defaults |= {"text": True, "env": self.environment()}
        process = subprocess.Popen([self.executable, *map(str, arguments)], **defaults | options)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()

    @contextmanager
    def terminal(self, *arguments):
        """A process in a terminal of its own."""
        terminal = Terminal([self.executable, *map(str, arguments)], self.environment(), PATIENCE)
        try:
            yield terminal
        finally:
            terminal.close()

    @contextmanager
    def chat(self, *arguments):
        """A conversation that waits for the first message. Greedy, so that it is the same on every machine."""
        self.need_model()
        with self.terminal("chat", self.model, "--temperature", "0", *arguments) as terminal:
            terminal.expect("/help for commands")
            terminal.prompt()
            yield terminal


def eventually(look, what: str):
    """Looks until it is so; returns what it saw."""
    end = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < end, f"not so after {PATIENCE} s: {what}"
        time.sleep(0.02)
    return seen


def ended(process, code: int, signalled: int | None = None):
    """Sends a signal, where told, and waits for the end."""
    if signalled:
        process.send_signal(signalled)
    found = process.wait(PATIENCE)
    assert found == code, f"ended with {found}, expected {code}" + (f": {process.stdout.read()}" if process.stdout else "")


INTERRUPT, END, KILL = signal.SIGINT, signal.SIGTERM, signal.SIGKILL

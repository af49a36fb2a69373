"""A pseudo-terminal with a process in it: what a person would type, and what they would see."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")


class Terminal:
    def __init__(self, command, environment, patience: float, rows: int = 40, columns: int = 100):
        self.patience, self.seen, self.at = patience, "", 0
        self.screen, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.mode = termios.tcgetattr(theirs)
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True,
            preexec_fn=take_terminal,
        )  # fmt: skip
        self.theirs = theirs  # held, so that its mode can be looked at when the process has gone

    def type(self, text: str):
        os.write(self.screen, text.encode())

    def enter(self, text: str):
        """Types a line and presses Enter."""
        self.type(text + "\r")

    def press(self, letter: str):
        """Ctrl and a letter."""
        self.type(chr(ord(letter.upper()) - 64))

    def expect(self, wanted: str) -> str:
        """Waits until this is on the screen, after what was waited for last; returns what came before it."""
        end = time.monotonic() + self.patience
        while (found := self.seen.find(wanted, self.at)) < 0:
            assert time.monotonic() < end, f"no {wanted!r} after {self.patience} s; since: {self.rest()!r}"
            assert self.read(), f"it ended without {wanted!r}; since: {self.rest()!r}"
        before, self.at = self.seen[self.at : found], found + len(wanted)
        return before

    def prompt(self) -> str:
        """Waits for an empty line to write on; returns what came before it."""
        return self.expect("› \r")

    def rest(self) -> str:
        return self.seen[self.at :]

    def read(self) -> bool:
        """Takes what there is to read, waiting a little for it. False when nothing will ever come."""
        while select.select([self.screen], [], [], 0.1)[0]:
            self.seen += CONTROL.sub("", os.read(self.screen, 65536).decode(errors="replace"))
            return True
        return self.process.poll() is None

    def ends(self, code: int) -> str:
        """Waits for the end of the process; returns what it still said."""
        end = time.monotonic() + self.patience
        while self.read():
            assert time.monotonic() < end, f"still running after {self.patience} s: {self.rest()!r}"
        found = self.process.wait(self.patience)
        assert found == code, f"ended with {found}, expected {code}: {self.seen[-500:]!r}"
        assert termios.tcgetattr(self.theirs)[:4] == self.mode[:4], "the terminal is left in another mode"
        return self.rest()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.screen)
        os.close(self.theirs)


def take_terminal():
    """Makes the terminal on standard input the controlling one of a session of its own: Ctrl-C becomes SIGINT."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)

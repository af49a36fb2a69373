"""Child processes that never outlive a check: each has its own group, and the group ends with the `with`."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from .outcome import Counts, StepFailed, counts_in


NOISE = "◇"  # Swift Testing's mark for "started"


def run(command, log: Path, timeout: float = 3000, echo: bool = True, **options) -> Counts:
    """Runs a command, shows and records its output, and returns the counts it printed; a bad exit is a failure."""
    output = []
    with child(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **options) as it:
        previous = signal.signal(signal.SIGALRM, lambda *_: stop(it))
        signal.alarm(int(timeout))
        try:
            with log.open("w") as record:
                for line in it.stdout:
                    output.append(line)
                    record.write(line)
                    record.flush()
                    if echo and not line.startswith(NOISE):
                        sys.stdout.write(line)
                        sys.stdout.flush()
            status = it.wait()
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, previous)
    counts = counts_in("".join(output))
    if status or counts.failed:
        if not echo:
            print("".join(output[-60:]))
        raise StepFailed(f"{' '.join(map(str, command[:4]))} … ended with {status}", counts)
    return counts


@contextmanager
def child(command, **options):
    process = subprocess.Popen(
        [str(part) for part in command], stdin=subprocess.DEVNULL, start_new_session=True, **options
    )
    try:
        yield process
    finally:
        stop(process)


def stop(process, patience: float = 15) -> None:
    """Asks the whole group to end, then insists."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(patience)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def server(command, log: Path, ready: str = "/health", patience: float = 180):
    """Starts a server with `--port` of a free port, yields its base URL, stops it; on failure prints the log's tail."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with log.open("w") as record, child([*command, "--port", port], stdout=record, stderr=record) as process:
        try:
            wait_until_ready(process, base + ready, patience)
            yield base
            if process.poll() is not None:
                raise StepFailed(f"the server ended by itself with {process.returncode}")
        except BaseException:
            print(f"-- last lines of {log}:\n" + "".join(log.read_text(errors="replace").splitlines(True)[-40:]))
            raise


def wait_until_ready(process, url: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StepFailed(f"the server ended with {process.returncode} before it was ready")
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            time.sleep(0.1)
    raise StepFailed(f"the server was not ready within {patience:.0f} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""What is watched while clients ask: the health page's latency, the server's metrics, its process."""

import asyncio
import multiprocessing
import os
import socket
import time
from pathlib import Path

from wire import Address, get


class Health:
    """Polls /health on fresh connections from a process of its own, so that our own load does not count; and beside it a
    server that has nothing to do, which tells how fast this machine is just now.
    """

    def __init__(self, address, interval=0.1):
        listening = socket.create_server(("127.0.0.1", 0))
        idle = Address("127.0.0.1", listening.getsockname()[1])
        self.ours, theirs = multiprocessing.Pipe()
        self.processes = [
            multiprocessing.Process(target=work, args=arguments, daemon=True)
            for work, arguments in ((answer_at_once, (listening,)), (poll, (address, idle, interval, theirs)))
        ]
        for process in self.processes:
            process.start()

    def finish(self):
        """The latencies in seconds, ascending, those of the idle server, and the problems met."""
        self.ours.send("stop")
        latencies, idle, problems = self.ours.recv()
        for process in self.processes:
            process.terminate()
            process.join(10)
        return sorted(latencies), sorted(idle), problems


def answer_at_once(listening):
    while True:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")


def poll(address, idle, interval, pipe):
    latencies, problems = {address: [], idle: []}, []
    while not pipe.poll():
        due = time.perf_counter() + interval
        for place, times in latencies.items():
            begin = time.perf_counter()
            try:
                answer = exchange(place)
                times.append(time.perf_counter() - begin)
                if not answer.startswith(b"HTTP/1.1 200 "):
                    problems.append(f"/health: {answer[:60]!r}")
            except OSError as error:
                problems.append(f"/health: {error}")
        time.sleep(max(0, due - time.perf_counter()))
    pipe.send((latencies[address], latencies[idle], problems))


def exchange(address):
    with socket.create_connection((address.host, address.port), timeout=60) as connection:
        connection.sendall(address.request("GET", "/health"))
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


class Metrics:
    """Samples /metrics; `history` holds (seconds since the start, {name: value})."""

    def __init__(self, address, names):
        self.address, self.names, self.history, self.problems = address, names, [], []
        self.begin = time.monotonic()

    async def sample(self):
        status, body = await get(self.address, "/metrics")
        values = parsed(body.decode())
        missing = [name for name in self.names if name not in values]
        if status != 200 or missing:
            raise ValueError(f"/metrics: status {status}, missing {', '.join(missing) or 'nothing'}")
        self.history.append((time.monotonic() - self.begin, {name: values[name] for name in self.names}))
        return self.history[-1][1]

    async def run(self, interval=1.0):
        while True:
            try:
                await self.sample()
            except (ValueError, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                self.problems.append(str(error))
            await asyncio.sleep(interval)

    def largest(self, name, start, end):
        return max((values[name] for at, values in self.history if start <= at <= end), default=0.0)

    def when(self, is_so):
        """The first time at which the sample was so; None if it never was."""
        return next((at for at, values in self.history if is_so(values)), None)


def parsed(text):
    """Prometheus' text format: the sum of every name's samples, whatever their labels."""
    values = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        name = line.split("{")[0].split(" ")[0]
        value = line.rpartition("}")[2].split()[0] if "{" in line else line.split()[1]
        values[name] = values.get(name, 0.0) + float(value)
    return values


async def processor_share(pid, seconds):
    """The share of one core that a process used during the next seconds."""
    before = ticks(pid)
    await asyncio.sleep(seconds)
    return (ticks(pid) - before) / os.sysconf("SC_CLK_TCK") / seconds


def ticks(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def listener(port):
    """The process that listens on a port of this machine, if Linux lets us see it."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:] if Path(table).exists() else []:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) in inodes:
                return int(link.parts[2])
        except OSError:
            continue
    return None

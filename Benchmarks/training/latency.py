#!/usr/bin/env python3
"""The time to the first token while nothing is trained, and while a fine-tuning job runs in the same server.

    python3 Benchmarks/training/latency.py [--model NAME] [--requests 100] [--rounds 3] [--pause 0.3]

Starts `.build/release/yuyan serve` with a home of its own, in which the models are links. A round asks `--requests` short questions one
after another without a job, then as many while a job learns; rounds follow each other, so that what disturbs the machine
disturbs both. Prints a Markdown table and the ratios that the house promises to keep below 1.5.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
YUYAN = ROOT / ".build/release/yuyan"


class Server:
    def __init__(self, address):
        self.address = address

    def ask(self, path, body=None, kind="application/json"):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=300) as response:
            return json.load(response)

    def first_token(self, model, question):
        body = {"model": model, "messages": [{"role": "user", "content": question}], "stream": True, "max_tokens": 8}
        request = urllib.request.Request(
            self.address + "/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        begin = time.perf_counter()
        with urllib.request.urlopen(request, timeout=300) as response:
            for line in response:
                if b'"content":"' in line and b'"content":""' not in line:
                    first = time.perf_counter() - begin
                    for _ in response:
                        pass
                    return first
        raise SystemExit("an answer had no text")

    def job(self, model):
        rows = [
            {"messages": [{"role": "user", "content": f"What is {i} plus {j}?"}, {"role": "assistant", "content": f"{i} plus {j} makes {i + j}."}]}
            for i in range(40) for j in range(10)
        ]
        text = "\n".join(map(json.dumps, rows))
        mark = "----part"
        form = f'--{mark}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--{mark}\r\n'
        form += f'Content-Disposition: form-data; name="file"; filename="rows.jsonl"\r\n\r\n{text}\r\n--{mark}--\r\n'
        file = self.ask("/v1/files", form.encode(), f"multipart/form-data; boundary={mark}")
        hyper = {"n_epochs": 50}
        made = self.ask("/v1/fine_tuning/jobs", {
            "model": model, "training_file": file["id"], "method": {"type": "supervised", "supervised": {"hyperparameters": hyper}},
        })
        return made["id"]

    def newest(self, job):
        """The last step that was told."""
        events = self.ask(f"/v1/fine_tuning/jobs/{job}/events?limit=20")["data"]
        return next((event["id"] for event in events if event["type"] == "metrics"), None)

    def until(self, condition):
        while not condition():
            time.sleep(0.5)


@contextlib.contextmanager
def served(model, home):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"YUYAN_HOME": str(home)}
    process = subprocess.Popen(
        [YUYAN, "serve", model, "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server = Server(f"http://127.0.0.1:{port}")
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                server.ask("/health")
                break
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=120)


def questions(count, seed):
    words = "river mountain paper engine swift garden winter letter bridge signal harbour market lamp cloud".split()
    generator = random.Random(seed)
    return [f"Write about {' '.join(generator.choices(words, k=20))}." for _ in range(count)]


def measure(server, model, asked, pause):
    times = []
    for question in asked:
        times.append(server.first_token(model, question))
        time.sleep(pause)
    return times


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pause", type=float, default=0.3)
    arguments = parser.parse_args()
    models = pathlib.Path(os.environ.get("YUYAN_HOME") or pathlib.Path.home() / ".yuyan") / "models"
    alone, beside = [], []
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        (home / "models").symlink_to(models)
        with served(arguments.model, home) as server:
            measure(server, arguments.model, questions(3, 0), 0)
            job = server.job(arguments.model)
            server.until(lambda: server.newest(job))
            for number in range(arguments.rounds):
                server.ask(f"/v1/fine_tuning/jobs/{job}/pause", {})
                time.sleep(3)
                alone += measure(server, arguments.model, questions(arguments.requests, 2 * number + 1), arguments.pause)
                before = server.newest(job)
                server.ask(f"/v1/fine_tuning/jobs/{job}/resume", {})
                server.until(lambda: server.newest(job) != before)
                beside += measure(server, arguments.model, questions(arguments.requests, 2 * number + 2), arguments.pause)
                status = server.ask(f"/v1/fine_tuning/jobs/{job}")["status"]
                if status != "running":
                    raise SystemExit(f"the job is {status}: the figures would not be of training")
            server.ask(f"/v1/fine_tuning/jobs/{job}/cancel", {})
    print("| First token, ms | p50 | p95 | p99 |")
    print("|---|--:|--:|--:|")
    for name, times in (("no job", alone), ("a job is running", beside)):
        print(f"| {name} | " + " | ".join(f"{1000 * percentile(times, share):.0f}" for share in (0.5, 0.95, 0.99)) + " |")
    ratios = [percentile(beside, share) / percentile(alone, share) for share in (0.5, 0.95, 0.99)]
    print("| ratio | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")
    print(f"\n{len(alone)} requests each, mean {1000 * statistics.mean(alone):.0f} and {1000 * statistics.mean(beside):.0f} ms")


if __name__ == "__main__":
    main()

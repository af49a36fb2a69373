"""Unmodified clients, and other people's evaluators, against the real server."""

import json
import shutil
from pathlib import Path

from .outcome import Counts, Skipped, StepFailed

ROOT = Path(__file__).resolve().parents[2]
TOOLS_MODEL = "qwen2.5-coder-0.5b-instruct"  # its template knows tools
CLIENTS, EVALUATORS = ROOT / "Tests" / "Conformance" / "clients", ROOT / "Tests" / "Conformance" / "evaluators"


def environments() -> dict[str, Path]:
    """What each environment under .venv is made of."""
    found = {file.stem: file for file in sorted((ROOT / "Tests" / "Conformance" / "clients").glob("*.txt"))}
    return found | {"browser": ROOT / "Tests" / "Console" / "browser" / "requirements.txt"}


def make_environments(house, log: str, wanted: dict[str, Path]) -> None:
    """Makes anew what is not of these requirements."""
    for name, requirements in wanted.items():
        environment = ROOT / ".venv" / name
        stamp = environment / "requirements.txt"
        if stamp.exists() and stamp.read_text() == requirements.read_text():
            continue
        house.run(log, "python3", "-m", "venv", "--clear", environment, echo=False)
        pip = [environment / "bin" / "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
        house.run(log, *pip, "-r", requirements, echo=False)
        shutil.copy(requirements, stamp)


def conformance(house):
    """unmodified clients against the real server"""
    house.results.clear()
    house.forget("clients.jsonl")
    total = clients_against_servers(house)
    rows = [f"| {suite} | {client} | {counts} |" for suite, client, counts in house.results]
    write_report(house, "clients", ["# Clients", "", "| suite | client | outcome |", "|---|---|---|", *rows])
    return total


def clients_against_servers(house) -> Counts:
    with house.server("conformance") as base:
        total = conform(house, "wire", "python3", base)
        for name in environments():
            if name.split("-")[0] in ("openai", "langchain", "ollama"):
                total += conform(house, name.split("-")[0], python_of(name), base)
            if name.startswith("openai"):
                total += conform(house, "tuning", python_of(name), base)
        total += conform(house, "cross", "python3", base)
    total += forms(house) + thinking(house) + changing(house) + sessions(house)
    encoders = ROOT / "Tests" / "Golden" / "Bundles"
    with house.server("vectors", "--embedding-model", encoders / "xlm-roberta", model=encoders / "bert") as base:
        for name in environments():
            if name.startswith("openai"):
                total += conform(house, "vectors", python_of(name), base)
            if name.startswith("ollama"):
                total += conform(house, "ollama-vectors", python_of(name), base)
    adapters = ["--adapter", f"one={encoders / 'lora'}", "--adapter", f"two={encoders / 'dora'}", "--load-adapters", "on"]
    with house.server("adapters", *adapters, model=encoders / "llama") as base:
        for name in environments():
            if name.startswith("openai"):
                total += conform(house, "adapters", python_of(name), base)
    with house.server("busy", settings="max-running: 1\nmax-queued: 2\n") as base:
        return total + conform(house, "busy", python_of("openai-3"), base)


def forms(house) -> Counts:
    """Structured output, tools and Anthropic's client, with a model that knows tools."""
    if not any(house.models.glob(f"{TOOLS_MODEL}*.gguf")):
        print(f"-- forms: skipped, {TOOLS_MODEL} is not in {house.models}", flush=True)
        return Counts(skipped=1)
    encoder = ROOT / "Tests" / "Golden" / "Bundles" / "bert"
    with house.server("forms", "--embedding-model", encoder, model=TOOLS_MODEL) as base:
        total = conform(house, "shapes", "python3", base)
        for name in environments():
            client = name.split("-")[0]
            if client in ("openai", "ollama", "anthropic"):
                total += conform(house, f"forms-{client}", python_of(name), base)
    return total


def thinking(house) -> Counts:
    """A model that thinks, trained for it: a minute."""
    place, folder = house.own_home("thinking"), house.logs / "thinker"
    house.run("thinker-made", "python3", "Tests/Conformance/thinker/make.py", folder)
    train = [house.yuyan, "train", folder / "run.yaml"]
    house.run("thinker-trained", "env", f"YUYAN_HOME={place}", *train, timeout=600, echo=False)
    with house.server("thinking", place=place, model=place / "runs" / "thinker" / "model") as base:
        return conform(house, "thinking", "python3", base)


def changing(house) -> Counts:
    """A server whose models a client changes, in a store of its own."""
    place, total = house.own_home("models"), Counts()
    file = next((place / "models").glob("*.gguf"))
    with house.server("models", place=place) as base:
        for name in environments():
            if name.startswith("ollama"):
                total += conform(house, "models", python_of(name), base, "--file", file)
    return total


def sessions(house) -> Counts:
    """What one server saves, another restores."""
    place, total = house.own_home("sessions"), Counts()
    for suite in ("session-save", "session-restore"):
        with house.server(suite, place=place) as base:
            total += conform(house, suite, "python3", base, "--notes", house.logs / "session-notes.json")
    return total


def conform(house, suite: str, python, base: str, *options) -> Counts:
    print(f"-- {suite}, {python}", flush=True)
    command = [python, "Tests/Conformance/run.py", suite, "--base-url", base, *options]
    try:
        counts = house.run(f"conformance-{suite}", *command)
    except StepFailed as failure:
        counts = failure.counts
    house.results.append((suite, Path(python).parts[-3] if "/" in str(python) else "the standard library", counts))
    return counts


def python_of(environment: str) -> Path:
    return ROOT / ".venv" / environment / "bin" / "python"


def evaluators(house):
    """lm-eval and bfcl-eval, each in an environment of its own (1.2 GB)"""
    make_environments(house, "evaluators", {file.stem: file for file in sorted(EVALUATORS.glob("*.txt"))})


def evaluation(house):
    """lm-eval and BFCL v4 to a score"""
    if not any(house.models.glob(f"{TOOLS_MODEL}*.gguf")):
        raise Skipped(f"{TOOLS_MODEL} is not in {house.models}")
    out, total, lines = house.logs / "evaluation", Counts(), ["# Evaluators", ""]
    with house.server("evaluation", model=TOOLS_MODEL) as base:
        for name in ("lm-eval", "bfcl"):
            print(f"-- {name}", flush=True)
            command = [python_of(name), "Tests/Conformance/evaluate.py", name, "--base-url", base, "--out", out]
            try:
                total += house.run(f"evaluation-{name}", *command)
            except StepFailed as failure:
                total += failure.counts
            scores = json.loads((out / f"{name}.json").read_text()) if (out / f"{name}.json").exists() else {}
            lines += [f"- {name}: {task}: {score:.3f} ({TOOLS_MODEL})" for task, score in scores.items()]
    write_report(house, "evaluators", lines)
    return total


def write_report(house, name: str, lines: list[str]) -> None:
    (house.logs / f"report-{name}.md").write_text("\n".join(lines) + "\n")
    print(f"-- the report is {house.logs / f'report-{name}.md'}")

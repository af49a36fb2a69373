"""The steps of `make test`, cheapest first. Each is a function of the house; its first line is what it does."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from .conformance import TOOLS_MODEL, conformance, environments, evaluation, evaluators, make_environments, python_of
from .outcome import Counts, Skipped
from .proofs import marks
from .process import run, server

ROOT = Path(__file__).resolve().parents[2]
SWIFT_TEST = ["swift", "test", "-c", "release", "--skip-build", "--disable-xctest"]
MODEL = "smollm2-135m-instruct"
REAL_MODELS = [MODEL, TOOLS_MODEL, "gemma-3-270m", "all-minilm-l6-v2", "multilingual-e5-small"]


@dataclass
class House:
    seconds: int | None = None
    results: list = field(default_factory=list)  # what each client came to
    logs: Path = ROOT / ".build-check"
    yuyan: Path = ROOT / ".build" / "release" / "yuyan"
    models: Path = field(default_factory=lambda: home() / "models")

    @property
    def proofs(self) -> Path:
        """Where tests note what they sent."""
        return self.logs / "proofs"

    def forget(self, notes: str) -> None:
        self.proofs.mkdir(parents=True, exist_ok=True)
        (self.proofs / notes).unlink(missing_ok=True)

    def run(self, name: str, *command, **options) -> Counts:
        environment = os.environ | {"YUYAN_MODELS": os.environ.get("YUYAN_MODELS", str(self.models))}
        environment["YUYAN_PROOFS"] = str(self.proofs)
        return run(command, self.logs / f"{name}.log", cwd=ROOT, env=environment, **options)

    def server(self, name: str, *options, settings: str = "", model=MODEL, place: Path | None = None):
        """The real server with the small model, on a free port; `settings` are its file, so no other one is found.

        `place` is its YUYAN_HOME, if it is to have one of its own.
        """
        if not self.yuyan.exists():
            raise Skipped("there is no .build/release/yuyan; `make test` builds it")
        if not any(self.models.glob("**/*.gguf")):
            raise Skipped(f"{MODEL} is not in {self.models}")
        file = self.logs / f"{name}.yaml"
        file.write_text(settings)
        command = [self.yuyan, "serve", model, "--config", file, *map(str, options)]
        command = ["env", f"YUYAN_HOME={place}", *command] if place else command
        return server(command, self.logs / f"{name}-server.log")

    def own_home(self, name: str) -> Path:
        """A YUYAN_HOME for one check, with the small model in it."""
        place = self.logs / f"{name}-home"
        shutil.rmtree(place, ignore_errors=True)
        (place / "models").mkdir(parents=True)
        for file in self.models.glob("SmolLM2-135M-Instruct*"):
            shutil.copy2(file, place / "models")
        return place


def home() -> Path:
    return Path(os.environ.get("YUYAN_HOME") or Path.home() / ".yuyan")


@dataclass
class Step:
    phase: str
    run: Callable[[House], Counts | None]
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.run.__name__

    @property
    def does(self) -> str:
        return self.run.__doc__.splitlines()[0]


def lint(house: House):
    """swift format, strictly"""
    return house.run("lint", "make", "--silent", "lint")


def size(house: House):
    """files and functions against the budget"""
    return house.run("size", "python3", "scripts/size.py")


def scripts(house: House):
    """the scripts that judge the others"""
    return house.run("scripts", "python3", "-m", "unittest", "discover", "-s", "Tests/House")


def console(house: House):
    """the page's logic under node"""
    tests = sorted((ROOT / "Tests" / "Console").glob("*.test.js"))
    if not tests or not shutil.which("node"):
        raise Skipped("node is not here" if tests else "there are no tests of the console")
    return house.run("console", "node", "--test", *tests)


def arm64(house: House):
    """the kernels for arm64, under emulation"""
    tools = all(map(shutil.which, ("clang", "aarch64-linux-gnu-gcc", "qemu-aarch64-static")))
    if not tools or not Path("/usr/aarch64-linux-gnu/include/stdint.h").exists():
        raise Skipped("clang, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross or qemu-user-static is not here")
    return house.run("arm64", "scripts/check-arm64")


def tables(house: House):
    """the kernels of every instruction set that runs here, against plain loops"""
    if not shutil.which("clang"):
        raise Skipped("clang is not here")
    return house.run("tables", "scripts/check-kernels")


def kernels(house: House):
    """the instructions of every kernel, counted: a twentieth of a second is noise, 3 % more instructions are not"""
    if not all(map(shutil.which, ("clang", "valgrind"))) or not has_avx2():
        raise Skipped("clang, valgrind or AVX2 is not here")
    return house.run("kernels", "python3", "Benchmarks/kernels/count.py")


def has_avx2() -> bool:
    facts = Path("/proc/cpuinfo")
    return facts.exists() and "avx2" in facts.read_text()


def build(house: House):
    """the one release build, tests included; warnings are errors"""
    return house.run("build", "swift", "build", "-c", "release", "--build-tests", timeout=2400)


def architecture(house: House):
    """imports, doors and other house rules"""
    return house.run("architecture", *SWIFT_TEST, "--filter", "ArchitectureTests")


def clients(house: House):
    """the clients that will call us, each in an environment of its own"""
    make_environments(house, "clients", environments())


def model(house: House):
    """real models for the tests that want one"""
    counts = Counts()
    for name in REAL_MODELS:
        try:
            house.run("model", house.yuyan, "pull", name, timeout=900)
            counts += Counts(passed=1)
        except Exception as problem:
            print(f"{name} could not be fetched ({problem}): the tests that want it are left out", flush=True)
            counts += Counts(skipped=1)
    if not counts.passed:
        raise Skipped("no model could be fetched: tests with a real model are skipped")
    return counts


def tests(house: House):
    """every Swift test"""
    house.forget("swift.jsonl")
    # All 1,300 at once leave none the time that its clock tells.
    width = f"SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH={4 * (os.cpu_count() or 2)}"
    return house.run("tests", "env", width, *SWIFT_TEST, "--skip", "ArchitectureTests")


def terminal(house: House):
    """the executable in a terminal: chat, interrupted pulls, signals, a full disk"""
    if not house.yuyan.exists():
        raise Skipped("there is no .build/release/yuyan; `make test` builds it")
    command = ["python3", "-B", "Tests/Terminal/run.py", "--yuyan", house.yuyan, "--models", house.models]
    return house.run("terminal", *command, timeout=2400)


def browser(house: House):
    """the console in Chromium, against a scripted server and the real one"""
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        raise Skipped("there is no Chromium here")
    script = ["env", f"PYTHON={python_of('browser')}", "Tests/Console/browser/run.sh"]
    try:
        with house.server("browser") as base:
            return house.run("browser", *script, "--base-url", base, timeout=2400)
    except Skipped as reason:
        print(f"-- the real server is left out: {reason}")
        return house.run("browser", *script, timeout=2400)


def fuzz(house: House):
    """hostile files for every parser, for a bounded time"""
    script = ROOT / "scripts" / "fuzz"
    if not script.exists():
        raise Skipped("there is no fuzzer here")
    return house.run("fuzz", script, house.seconds or 60, timeout=(house.seconds or 60) + 900)


def soak(house: House):
    """streaming clients, a third of which hang up; no error, no lost block"""
    script = ROOT / "Benchmarks" / "soak" / "soak.py"
    if not script.exists():
        raise Skipped("there is no soak here")
    seconds = house.seconds or 60
    # The cache is committed as it is first used: a small one is full when the warm-up ends, and memory must be flat then.
    warm_up = max(seconds / 5, min(seconds / 2, 40))
    growth = 0.05 if seconds >= 300 else 0.15  # a short run still meets batches larger than any before
    health = 0.05 if seconds >= 300 else 0.5  # or ten times what an idle server needs just then
    command = ["python3", script, "--seconds", seconds, "--clients", 32 if seconds >= 300 else 16]
    command += ["--warm-up", warm_up, "--memory-growth", growth, "--health-p99", health]
    with house.server("soak", "--cache-tokens", 8192 if seconds >= 300 else 4096) as base:
        return house.run("soak", *command, "--base-url", base, timeout=seconds + 300)


STEPS = [
    Step("check", lint),
    Step("check", size),
    Step("check", scripts),
    Step("check", console),
    Step("check", arm64),
    Step("check", kernels),
    Step("prepare", build),
    Step("check", architecture, needs=("build",)),
    Step("prepare", clients),
    Step("prepare", model, needs=("build",)),
    Step("check", tables, needs=("build",)),
    Step("check", tests, needs=("build",)),
    Step("check", terminal, needs=("build",)),
    Step("check", conformance, needs=("build", "clients")),
    Step("check", marks, needs=("tests", "conformance")),
    Step("evaluate", evaluators),
    Step("evaluate", evaluation, needs=("evaluators",)),
    Step("check", browser, needs=("build", "clients")),
    Step("check", fuzz, needs=("build",)),
    Step("check", soak, needs=("build",)),
]

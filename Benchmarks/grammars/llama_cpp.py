"""llama.cpp's grammar sampler, through the C functions that the package `xllamacpp` exports.

That package was built with llguidance, which is measured by itself; llama.cpp's own grammars are those that its own converter makes of a
schema, gbnf.cpp beside, built against the tree that Benchmarks/compare builds.
"""

import ctypes
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "compare"))


class Parameters(ctypes.Structure):
    """What it takes to open a model; only copied, so that its members need not be known, but for room enough."""

    _fields_ = [("bytes", ctypes.c_byte * 1024)]


class Candidate(ctypes.Structure):
    _fields_ = [("id", ctypes.c_int32), ("logit", ctypes.c_float), ("p", ctypes.c_float)]


class Candidates(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.POINTER(Candidate)), ("size", ctypes.c_size_t), ("selected", ctypes.c_int64), ("sorted", ctypes.c_bool),
    ]


def converter():
    """The program that makes a grammar of a schema, built where it is not there; minutes the first time."""
    from peer import Peer, run

    peer = Peer().prepare("server")
    made, source = peer.folder / "gbnf", HERE / "gbnf.cpp"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        names = ["common/libllama-common", "common/libllama-common-base", "src/libllama", "ggml/src/libggml", "ggml/src/libggml-cpu"]
        names += ["ggml/src/libggml-base", "vendor/cpp-httplib/libcpp-httplib", "vendor/hash/libvendor-hash"]
        headers = [f"-I{peer.source() / part}" for part in ("common", "include", "ggml/include", "vendor")]
        libraries = [peer.build / f"{name}.a" for name in names]
        run("c++", "-std=c++17", "-O2", *headers, source, *libraries, "-fopenmp", "-ldl", "-lpthread", "-o", made)
    return made


class LlamaCpp:
    def __init__(self, model):
        import xllamacpp

        self.converter = converter()

        self.library = ctypes.CDLL(importlib.util.find_spec("xllamacpp.xllamacpp").origin)
        for name, result in {
            "llama_model_default_params": Parameters, "llama_model_load_from_file": ctypes.c_void_p,
            "llama_model_get_vocab": ctypes.c_void_p, "llama_vocab_n_tokens": ctypes.c_int32,
            "llama_sampler_init_grammar": ctypes.c_void_p, "llama_sampler_clone": ctypes.c_void_p,
            "llama_sampler_apply": None, "llama_sampler_accept": None, "llama_sampler_free": None,
        }.items():
            getattr(self.library, name).restype = result
        self.library.llama_log_set(SILENCE, None)
        opened = self.library.llama_model_load_from_file(str(model).encode(), self.library.llama_model_default_params())
        self.vocabulary = ctypes.c_void_p(self.library.llama_model_get_vocab(ctypes.c_void_p(opened)))
        self.count = self.library.llama_vocab_n_tokens(self.vocabulary)
        self.array = (Candidate * self.count)()
        self.version = xllamacpp.__version__

    def grammar(self, schema):
        return subprocess.run([self.converter], input=json.dumps(schema), capture_output=True, text=True, check=True).stdout

    def measure(self, schema, text, rounds):
        """Nanoseconds to compile, for each mask, and for the check of the one token that was drawn without a mask, as llama.cpp does
        first; None if its grammar does not have the text."""
        text_of_it = self.grammar(schema).encode()
        start = time.perf_counter_ns()
        grammar = self.library.llama_sampler_init_grammar(self.vocabulary, text_of_it, b"root")
        compiling, masks, checks = time.perf_counter_ns() - start, [], []
        assert grammar, "llama.cpp does not take its own grammar"
        for _ in range(rounds):
            own = ctypes.c_void_p(self.library.llama_sampler_clone(ctypes.c_void_p(grammar)))
            for token in text:
                checks.append(self.apply(own, [token]))
                masks.append(self.apply(own, range(self.count)))
                if self.array[token].logit != 0:
                    self.library.llama_sampler_free(own)
                    return compiling, None, None
                self.library.llama_sampler_accept(own, token)
            self.library.llama_sampler_free(own)
        self.library.llama_sampler_free(ctypes.c_void_p(grammar))
        return compiling, masks, checks

    def apply(self, sampler, tokens):
        for index, token in enumerate(tokens):
            self.array[index].id, self.array[index].logit = token, 0
        candidates = Candidates(self.array, len(tokens), -1, False)
        start = time.perf_counter_ns()
        self.library.llama_sampler_apply(sampler, ctypes.byref(candidates))
        return time.perf_counter_ns() - start


SILENCE = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda *_: None)

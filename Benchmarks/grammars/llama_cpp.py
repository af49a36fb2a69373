"""llama.cpp's grammar sampler, through the C functions that the package `xllamacpp` exports."""

import ctypes
import importlib.util
import json
import time


class Parameters(ctypes.Structure):
    """What it takes to open a model; only copied, so that its members need not be known, but for room enough."""

    _fields_ = [("bytes", ctypes.c_byte * 1024)]


class Candidate(ctypes.Structure):
    _fields_ = [("id", ctypes.c_int32), ("logit", ctypes.c_float), ("p", ctypes.c_float)]


class Candidates(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.POINTER(Candidate)), ("size", ctypes.c_size_t), ("selected", ctypes.c_int64), ("sorted", ctypes.c_bool),
    ]


class LlamaCpp:
    """
    converter: llama.cpp's own examples/json_schema_to_grammar.py, which writes what its server makes of a schema where it has no llguidance.
    """

    def __init__(self, model, converter):
        import xllamacpp

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
        spec = importlib.util.spec_from_file_location("converter", converter)
        self.converter = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.converter)
        self.version = xllamacpp.__version__

    def grammar(self, schema):
        converter = self.converter.SchemaConverter(prop_order={}, allow_fetch=False, dotall=False, raw_pattern=False)
        schema = converter.resolve_refs(json.loads(json.dumps(schema)), "stdin")
        converter.visit(schema, "")
        return converter.format_grammar()

    def measure(self, schema, text, rounds):
        """Nanoseconds to compile, for each mask, and for the check of the one token that was drawn without a mask, as llama.cpp does
        first; None if its grammar does not have the text."""
        start = time.perf_counter_ns()
        grammar = self.library.llama_sampler_init_grammar(self.vocabulary, self.grammar(schema).encode(), b"root")
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

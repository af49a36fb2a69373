"""What the reference's quantisers make of values. Needs: gguf 0.19.0, numpy, xllamacpp 2026.10.

`encoded` has values, weights of their columns, and how much llama.cpp's own quantisers err on them.
"""

import ctypes
import pathlib

import gguf
import numpy as np
import xllamacpp

from ._files import save
from .checkpoints import QUANTISED

FOLDER = "Tensors"
SEED = 20240611


def llama_cpp():
    """ggml's quantiser: `quantise(kind, values, weights or None)` gives blocks."""
    library = ctypes.CDLL(str(next(pathlib.Path(xllamacpp.__file__).parent.glob("*.so"))))
    chunk = library.ggml_quantize_chunk
    chunk.restype = ctypes.c_size_t
    chunk.argtypes = [ctypes.c_int, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 3, ctypes.c_void_p]

    def quantise(kind, values, weights=None):
        per_block, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = np.zeros((len(values), values.shape[1] // per_block * size), np.uint8)
        pointer = None if weights is None else weights.ctypes.data
        chunk(kind.value, values.ctypes.data, blocks.ctypes.data, 0, *values.shape, pointer)
        return blocks

    return quantise


def encoded(folder):
    """Rows as weights are: normal, with heavy tails, off centre, uneven, mostly nothing; and the root of the mean squared error."""
    quantise = llama_cpp()
    random = np.random.default_rng(SEED)
    shape = 8, 1024
    values = random.standard_normal(shape) * 0.05
    values[2:4] = random.standard_t(3, (2, 1024)) * 0.02
    values[4] = random.standard_normal(1024) * 0.02 + 0.03
    values[5] *= np.exp(random.standard_normal(32)).repeat(32)
    values[6, random.random(1024) < 0.7] = 0
    values[7] = random.standard_normal(1024) * 0.02 - 0.05
    values = values.astype(np.float32)
    weights = np.exp(random.standard_normal(1024) * 1.5).astype(np.float32)
    weights /= weights.mean()
    errors = {}
    for kind in QUANTISED:
        for name, importance in [("plain", None), ("weighted", weights)]:
            off = gguf.quants.dequantize(quantise(kind, values, importance), kind).astype(np.float64) - values
            squares = off**2 * (1 if importance is None else importance)
            errors.setdefault(kind.name, {})[name] = float(np.sqrt(squares.mean()))
    save(folder, "encoded", {"values": values, "weights": weights}, {"seed": SEED, "errors": errors})


CASES = {"encoded": encoded}

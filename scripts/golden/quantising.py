"""What the reference's quantisers make of values. Needs: gguf 0.19.0, numpy, xllamacpp 2026.10.

`encoded` has values, weights of their columns, and how much llama.cpp's own quantisers err on them. `fourbit` has matrices as AWQ and
GPTQ keep them, packed here from the layouts' descriptions (papers, AutoAWQ's and AutoGPTQ's documentation), and as `NAME.expected`
what they stand for.
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


OUTPUTS, INPUTS, GROUP = 16, 128, 32
AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]


def words(values, axis, order=range(8)):
    """Eight numbers of four bits along an axis become one word; place i from the lowest bits on holds number order[i] of the eight."""
    values = np.moveaxis(values.astype(np.uint32), axis, -1)
    eights = values.reshape(*values.shape[:-1], -1, 8)
    packed = sum(eights[..., number] << np.uint32(4 * place) for place, number in enumerate(order))
    return np.moveaxis(packed, -1, axis).astype(np.uint32).view(np.int32)


def matrix(random, zeros, group_of):
    """Levels [inputs, outputs], zeros and scales [groups, outputs], and the values [outputs, inputs]."""
    levels = random.integers(0, 16, (INPUTS, OUTPUTS))
    scales = random.uniform(-0.1, 0.1, zeros.shape).astype(np.float16)
    values = scales[group_of].astype(np.float32) * (levels - zeros[group_of]).astype(np.float32)
    return levels, scales, np.ascontiguousarray(values.T)


def fourbit(folder):
    folder, random = folder.parent / "Checkpoints", np.random.default_rng(SEED + 1)
    plain, shuffled = np.arange(INPUTS) // GROUP, random.permutation(np.arange(INPUTS) // GROUP)
    groups = INPUTS // GROUP, OUTPUTS
    tensors = {}
    for name, method, shift, zeros, group_of in [
        ("awq", "awq", 0, random.integers(0, 16, groups), plain),
        ("gptq", "gptq", 1, np.full(groups, 8), plain),
        ("gptq-uneven", "gptq", 1, random.integers(1, 17, groups), plain),
        ("gptq-shuffled", "gptq", 1, random.integers(1, 17, groups), shuffled),
        ("gptq_v2", "gptq", 0, random.integers(0, 16, groups), plain),
    ]:
        levels, scales, values = matrix(random, zeros, group_of)
        order = AWQ_ORDER if method == "awq" else range(8)
        tensors[f"{name}.qweight"] = words(levels, 1 if method == "awq" else 0, order)
        tensors[f"{name}.qzeros"] = words(zeros - shift, 1, order)
        tensors[f"{name}.scales"] = scales
        tensors[f"{name}.expected"] = values
        if method == "gptq":
            tensors[f"{name}.g_idx"] = group_of.astype(np.int32)
    save(folder, "fourbit", tensors, {"seed": SEED + 1, "group": GROUP})


CASES = {"encoded": encoded, "fourbit": fourbit}

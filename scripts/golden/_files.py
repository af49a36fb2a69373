"""Writing tensors as safetensors files of less than 200 kB."""

import json
import pathlib
import re

LIMIT = 190_000


def save(folder: pathlib.Path, name: str, tensors: dict, metadata: dict):
    """Writes `name.safetensors`, or `name.1.safetensors`, `name.2.safetensors` … where one would be too large.

    Whoever reads takes the union; every part carries the whole metadata, whose values are JSON unless they are text.
    """
    header = {k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in metadata.items()}
    for old in folder.iterdir():
        if re.fullmatch(re.escape(name) + r"(\.\d+)?\.safetensors", old.name):
            old.unlink()
    parts = list(split(tensors))
    for number, part in enumerate(parts, 1):
        suffix = f".{number}" if len(parts) > 1 else ""
        (folder / f"{name}{suffix}.safetensors").write_bytes(safetensors(part, header))


def split(tensors):
    part, size = {}, 0
    for name, tensor in tensors.items():
        if part and size + tensor.nbytes > LIMIT:
            yield part
            part, size = {}, 0
        part[name] = tensor
        size += tensor.nbytes + len(name) + 100
    yield part


def safetensors(tensors, metadata):
    """The format spelt out, since the library orders metadata differently at every run."""
    header, offset = {"__metadata__": metadata}, 0
    for name, tensor in tensors.items():
        kind = {"float32": "F32", "float16": "F16", "int32": "I32", "uint8": "U8"}[tensor.dtype.name]
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(tensor.tobytes() for tensor in tensors.values())

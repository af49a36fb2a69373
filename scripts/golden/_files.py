"""Writing tensors as safetensors files of less than 200 kB."""

import json
import pathlib
import re

from safetensors.numpy import save_file

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
        path = folder / f"{name}{suffix}.safetensors"
        save_file(part, path, header)
        path.chmod(0o644)


def split(tensors):
    part, size = {}, 0
    for name, tensor in tensors.items():
        if part and size + tensor.nbytes > LIMIT:
            yield part
            part, size = {}, 0
        part[name] = tensor
        size += tensor.nbytes + len(name) + 100
    yield part

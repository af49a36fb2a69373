"""A safetensors file written by the reference library. Needs: torch, safetensors."""

import torch
from safetensors.torch import save_file

FOLDER = "Checkpoints"


def make(folder):
    """Every type that is read, one that is not, a scalar, nothing at all, and letters that JSON escapes."""
    tensors = {
        "b.half": torch.arange(6, dtype=torch.float16).reshape(2, 3) / 4,
        "a.brain": torch.arange(-4, 4, dtype=torch.bfloat16),
        "c.single": torch.tensor([[1.5, -2.25]]),
        "d.ids": torch.tensor([7, -8], dtype=torch.int32),
        "e.scalar": torch.tensor(0.5),
        "f.empty": torch.zeros(0, 3),
        "g.wide": torch.tensor([1, 2], dtype=torch.int64),
    }
    save_file(tensors, folder / "reference.safetensors", {"format": "pt", "note": '"Ünï" \\'})


CASES = {"reference": make}

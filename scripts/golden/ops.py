"""Values and gradients of single ops, in double precision, from their formulas.

Needs `torch`, `safetensors`, `numpy`. Inputs are exact in float32, so that only the result is rounded. What each file
holds is told in Tests/Golden/Tensors/README.md.
"""

import math

import torch
import torch.nn.functional as F

from ._files import save

FOLDER = "Tensors"
torch.set_num_threads(1)  # or sums depend on the machine

SEED = 20261123
generator = torch.Generator()
# Where activations bend, and far out.
LINE = torch.cat([torch.linspace(-12, 12, 49), torch.tensor([-100.0, -88.0, -50.0, -20.0, 20.0, 50.0, 100.0])])[None]


def rms_norm(folder):
    def formula(inputs, epsilon, offset):
        x, weight = inputs["x"], inputs["weight"]
        return x * (x.square().mean(-1, keepdim=True) + epsilon).rsqrt() * (weight + offset)

    cases = {}
    for name, rows, width, epsilon, offset, scale in [
        ("plain", 5, 64, 1e-5, 0.0, 1.0),
        ("odd-width", 3, 37, 1e-6, 0.0, 1.0),
        ("one-row", 1, 576, 1e-5, 0.0, 1.0),
        ("weight-plus-one", 4, 96, 1e-6, 1.0, 1.0),
        ("tiny-values", 2, 64, 1e-5, 0.0, 1e-4),
        ("large-values", 2, 64, 1e-5, 0.0, 1e4),
    ]:
        inputs = {"x": draw(rows, width) * scale, "weight": 1 - offset + 0.3 * draw(width)}
        cases[name] = (inputs, {"epsilon": epsilon, "offset": offset})
    record(folder, "rms_norm", formula, cases)


def layer_norm(folder):
    def formula(inputs, epsilon):
        x = inputs["x"] - inputs["x"].mean(-1, keepdim=True)
        return x * (x.square().mean(-1, keepdim=True) + epsilon).rsqrt() * inputs["weight"] + inputs["bias"]

    cases = {}
    for name, rows, width, epsilon, scale, level in [
        ("plain", 5, 64, 1e-5, 1.0, 0.0),
        ("odd-width", 3, 37, 1e-6, 1.0, 0.5),
        ("many-rows", 70, 16, 1e-5, 1.0, 0.0),
        ("one-row", 1, 768, 1e-5, 1.0, 0.0),
        ("tiny-values", 2, 64, 1e-5, 1e-4, 0.0),
        ("far-from-zero", 2, 64, 1e-5, 1.0, 100.0),
    ]:
        x = draw(rows, width) * scale + level
        inputs = {"x": x, "weight": 1 + 0.3 * draw(width), "bias": 0.3 * draw(width)}
        cases[name] = (inputs, {"epsilon": epsilon})
    record(folder, "layer_norm", formula, cases)


def gelu(folder):
    """The normal distribution's and the tanh form."""

    def formula(inputs, activation):
        return F.gelu(inputs["x"], approximate="tanh" if activation == "gelu-tanh" else "none")

    cases = {}
    for activation in ["gelu", "gelu-tanh"]:
        cases[f"{activation}.plain"] = ({"x": draw(5, 37) * 2}, {"activation": activation})
        cases[f"{activation}.extremes"] = ({"x": LINE.clone()}, {"activation": activation})
    record(folder, "gelu", formula, cases)


def softmax(folder):
    def formula(inputs):
        return F.softmax(inputs["x"], -1)

    masked = draw(4, 20)
    for row in range(4):
        masked[row, row * 5 + 1 :] = -math.inf
    record(
        folder,
        "softmax",
        formula,
        {
            "plain": ({"x": draw(3, 17)}, {}),
            "wide": ({"x": draw(2, 300) * 3}, {}),
            "large-values": ({"x": draw(3, 33) * 1e4}, {}),
            "masked": ({"x": masked}, {}),
            "one-column": ({"x": draw(3, 1)}, {}),
        },
    )


def gated(folder):
    """silu(gate) · up, and the same with the tanh form of gelu."""

    def formula(inputs, activation):
        gate = inputs["gate"]
        return (F.silu(gate) if activation == "silu" else F.gelu(gate, approximate="tanh")) * inputs["up"]

    cases = {}
    for activation in ["silu", "gelu-tanh"]:
        cases[f"{activation}.plain"] = ({"gate": draw(3, 96) * 2, "up": draw(3, 96)}, {"activation": activation})
        cases[f"{activation}.extremes"] = ({"gate": LINE, "up": torch.ones_like(LINE)}, {"activation": activation})
    record(folder, "gated", formula, cases)


def mlp(folder):
    """The whole gated network: down · (activation(gate · x) · (up · x))."""

    def formula(inputs, activation):
        gate = inputs["x"] @ inputs["gate"].T
        gate = F.silu(gate) if activation == "silu" else F.gelu(gate, approximate="tanh")
        return (gate * (inputs["x"] @ inputs["up"].T)) @ inputs["down"].T

    cases = {}
    for activation in ["silu", "gelu-tanh"]:
        shapes = {"x": (5, 32), "gate": (64, 32), "up": (64, 32), "down": (32, 64)}
        inputs = {k: draw(*s) / (1 if k == "x" else s[1] ** 0.5) for k, s in shapes.items()}
        cases[activation] = (inputs, {"activation": activation})
    record(folder, "mlp", formula, cases)


def rotary(folder):
    """Pairs are (i, i + d/2); angles are in double precision, which matters at position 40,000."""
    near, far = list(range(9)), [0, 1, 63, 511, 4_095, 8_191, 8_192, 32_767, 39_999, 40_000]
    llama3 = {
        "type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }
    cases = {}
    for name, positions, heads, width, base, scaling in [
        ("plain", near, 3, 16, 10_000.0, None),
        ("smollm2", far, 2, 64, 100_000.0, None),
        ("qwen2", far, 2, 64, 1_000_000.0, None),
        ("gemma3-global", far, 1, 256, 1_000_000.0, None),
        ("llama3", far, 2, 64, 500_000.0, llama3),
        ("linear", far, 1, 64, 1_000_000.0, {"type": "linear", "factor": 8.0}),
        ("out-of-order", [7, 7, 3, 40_000, 0], 2, 32, 10_000.0, None),
    ]:
        inputs = {"x": draw(len(positions), heads, width), "positions": torch.tensor(positions)}
        cases[name] = (inputs, {"base": base, "scaling": scaling})
    record(
        folder,
        "rotary",
        rotated,
        cases,
        extra=lambda inputs, base, scaling: {
            "frequencies": frequencies(inputs["x"].shape[-1], base, scaling),
        },
    )


def rotated(inputs, base, scaling):
    x, half = inputs["x"], inputs["x"].shape[-1] // 2
    angles = (inputs["positions"].double()[:, None] * frequencies(2 * half, base, scaling))[:, None]
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()], -1)


def frequencies(width, base, scaling):
    plain = base ** (-torch.arange(0, width, 2).double() / width)
    if scaling is None:
        return plain
    if scaling["type"] == "linear":
        return plain / scaling["factor"]
    turns = scaling["original_max_position_embeddings"] * plain / (2 * math.pi)
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    share = ((turns - low) / (high - low)).clamp(0, 1)
    return plain * (share + (1 - share) / scaling["factor"])


def attention(folder):
    """Causal, grouped-query; row i of q stands at position `start` + i and sees keys up to itself.

    A window of w leaves the last w keys, its own included; a soft cap c turns a score s into c · tanh(s / c).
    """
    cases = {}
    for name, rows, start, heads, kv_heads, width, options in [
        ("plain", 7, 0, 2, 2, 16, {}),
        ("grouped", 9, 0, 6, 2, 16, {}),
        ("one-key-head", 6, 0, 4, 1, 32, {}),
        ("past", 5, 11, 4, 2, 16, {}),
        ("one-token", 1, 40, 3, 1, 64, {}),
        ("first-token", 1, 0, 3, 1, 64, {}),
        ("window", 20, 0, 4, 2, 16, {"window": 6}),
        ("window-of-one", 4, 2, 2, 1, 16, {"window": 1}),
        ("window-past", 4, 33, 4, 1, 16, {"window": 8}),
        ("window-larger", 6, 0, 2, 1, 16, {"window": 512}),
        ("softcap", 8, 3, 2, 1, 16, {"softcap": 5.0}),
        ("scale", 8, 0, 2, 1, 16, {"scale": 24**-0.5}),
        ("sharp", 6, 20, 2, 2, 16, {"scale": 30.0}),
        ("everything", 12, 21, 6, 2, 16, {"window": 10, "softcap": 20.0, "scale": 0.5}),
        ("blocks", 3, 61, 2, 1, 16, {}),
    ]:
        keys = start + rows
        inputs = {"q": draw(rows, heads, width), "k": draw(keys, kv_heads, width), "v": draw(keys, kv_heads, width)}
        parameters = {"start": start, "scale": width**-0.5, "window": None, "softcap": None} | options
        cases[name] = (inputs, parameters)
    record(folder, "attention", attended, cases)


def attended(inputs, start, scale, window, softcap):
    q, k, v = inputs["q"], inputs["k"], inputs["v"]
    group = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
    scores = torch.einsum("ihd,jhd->hij", q, k) * scale
    if softcap:
        scores = softcap * torch.tanh(scores / softcap)
    row = start + torch.arange(q.shape[0])[:, None]
    key = torch.arange(k.shape[0])[None]
    seen = (key <= row) & (key > row - (window or math.inf))
    return torch.einsum("hij,jhd->ihd", F.softmax(scores.masked_fill(~seen, -math.inf), -1), v)


def cross_entropy(folder):
    """The mean over rows whose target is not −1."""

    def formula(inputs):
        return F.cross_entropy(inputs["logits"], inputs["targets"].long(), ignore_index=-1)[None]

    targets = torch.tensor([3, 0, 29, 7, 7])
    record(
        folder,
        "cross_entropy",
        formula,
        {
            "plain": ({"logits": draw(5, 30), "targets": targets}, {}),
            "ignored": ({"logits": draw(5, 30), "targets": torch.tensor([3, -1, 29, -1, 7])}, {}),
            "large-values": ({"logits": draw(5, 30) * 1e3, "targets": targets}, {}),
        },
    )


def seeded(case):
    def run(folder):
        generator.manual_seed(SEED)
        case(folder)

    return run


CASES = {f.__name__: seeded(f) for f in [rms_norm, layer_norm, softmax, gated, gelu, mlp, rotary, attention, cross_entropy]}


def draw(*shape):
    return torch.randn(shape, generator=generator)


def record(folder, name, formula, cases, extra=None):
    """`CASE.INPUT`, `CASE.y`, and for a drawn `CASE.dy` the gradients `CASE.dINPUT`."""
    found, parameters = {}, {}
    for case, (inputs, options) in cases.items():
        exact = {k: v.double().requires_grad_() if v.is_floating_point() else v for k, v in inputs.items()}
        y = formula(exact, **options)
        dy = draw(*y.shape)
        y.backward(dy.double())
        results = inputs | {"y": y, "dy": dy}
        results |= {f"d{k}": v.grad for k, v in exact.items() if v.is_floating_point()}
        results |= extra(inputs, **options) if extra else {}
        found |= {f"{case}.{k}": array(v) for k, v in results.items()}
        parameters[case] = options
    metadata = {"seed": str(SEED), "versions": f"torch {torch.__version__}", "cases": parameters}
    save(folder, name, found, metadata)


def array(tensor):
    tensor = tensor.detach().contiguous()
    return tensor.float().numpy() if tensor.is_floating_point() else tensor.int().numpy()

"""Optimisers' steps, adapters and preferences, by the reference libraries and in double precision.

Needs `torch`, `transformers`, `peft`, `safetensors`, `numpy`. The networks are those of Tests/Golden/Models. What each file holds
is told in Tests/Golden/Training/README.md.
"""

import json
import pathlib

import numpy
import peft
import safetensors
import torch
import torch.nn.functional as F
import transformers

from ._files import save

FOLDER = "Training"
torch.set_num_threads(1)  # or sums depend on the machine

SEED = 20261129
NETWORKS = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "Models"
VERSIONS = f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}"
METADATA = {"seed": str(SEED), "versions": VERSIONS}


def arrays(tensors):
    kinds = {True: torch.float32, False: torch.int32}
    return {k: v.detach().to(kinds[v.is_floating_point()]).contiguous().numpy() for k, v in tensors.items()}


# Optimisers: five steps from the same parameters along the same gradients

SHAPES = {"layers.0.wide": (6, 10), "layers.0.tall": (11, 5), "embedding": (7, 4), "layers.0.norm": (9,)}


def drawn(number):
    generator = torch.Generator().manual_seed(SEED + number)
    return {k: torch.randn(s, generator=generator).float().double() * 0.5 for k, s in SHAPES.items()}


def five_steps(step):
    parameters, state = drawn(0), {}
    for number in range(1, 6):
        for name, slope in drawn(number).items():
            parameters[name] = step(name, parameters[name], slope, state.setdefault(name, {}), number)
    return parameters


def optimizers(folder):
    found = {f"start.{k}": v for k, v in drawn(0).items()}
    for number in range(1, 6):
        found |= {f"slope.{number}.{k}": v for k, v in drawn(number).items()}
    for name, settings in {"scheduled": {"lr": 0.02, "relative_step": False}, "relative": {"relative_step": True}}.items():
        found |= {f"adafactor.{name}.{k}": v for k, v in adafactor(**settings).items()}
    ours = five_steps(muon)
    check_muon(ours)
    found |= {f"muon.{k}": v for k, v in ours.items()}
    save(folder, "optimizers", arrays(found), METADATA)


def adafactor(**settings):
    parameters = {k: torch.nn.Parameter(v) for k, v in drawn(0).items()}
    groups = [
        {"params": [p], "weight_decay": 0.1 if p.dim() == 2 else 0.0} for p in parameters.values()
    ]
    optimizer = transformers.Adafactor(groups, scale_parameter=True, warmup_init=False, **settings)
    for number in range(1, 6):
        for name, slope in drawn(number).items():
            parameters[name].grad = slope
        optimizer.step()
    return parameters


def muon(name, parameter, slope, state, number, rate=0.02, decay=0.1):
    """Muon for the matrices of layers, AdamW for the others."""
    if parameter.dim() == 2 and name.startswith("layers."):
        state["momentum"] = 0.95 * state.get("momentum", 0) + 0.05 * slope
        way = newton_schulz(0.05 * slope + 0.95 * state["momentum"])
        return parameter * (1 - rate * decay) - rate * 0.2 * max(parameter.shape) ** 0.5 * way
    state["first"] = 0.9 * state.get("first", 0) + 0.1 * slope
    state["second"] = 0.95 * state.get("second", 0) + 0.05 * slope**2
    mean, square = state["first"] / (1 - 0.9**number), state["second"] / (1 - 0.95**number)
    kept = 1 - rate * decay if parameter.dim() == 2 else 1
    return parameter * kept - rate * mean / (square.sqrt() + 1e-8)


def newton_schulz(x):
    transposed = x.shape[0] > x.shape[1]
    x = x.T if transposed else x
    x = x / x.norm()
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.T if transposed else x


def check_muon(ours):
    """The library works in bfloat16; ours must be about the same."""
    names = [k for k, s in SHAPES.items() if len(s) == 2 and k.startswith("layers.")]
    parameters = {k: torch.nn.Parameter(drawn(0)[k]) for k in names}
    optimizer = torch.optim.Muon(parameters.values(), lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    for number in range(1, 6):
        for name in names:
            parameters[name].grad = drawn(number)[name]
        optimizer.step()
    worst = max((parameters[k] - ours[k]).abs().max() for k in names)
    assert worst < 0.01, worst


# Adapters of the tiny Llama


def network():
    tensors, config = {}, None
    for path in sorted(NETWORKS.glob("llama.*safetensors")):
        if "outputs" in path.name or "gradients" in path.name:
            continue
        with safetensors.safe_open(path, "pt") as file:
            config = json.loads(file.metadata()["config"])
            tensors |= {k: file.get_tensor(k) for k in file.keys()}
    model = transformers.LlamaForCausalLM._from_config(
        transformers.LlamaConfig(**config), attn_implementation="eager"
    )
    model.load_state_dict(tensors, strict=False)
    model.tie_weights()
    return model.double().eval()


KINDS = {
    "lora": {"target_modules": "all-linear"},
    "dora": {"target_modules": "all-linear", "use_dora": True},
    "rslora": {"target_modules": ["q_proj", "mlp.down_proj"], "use_rslora": True},
}


def adapted(kind):
    torch.manual_seed(SEED)
    config = peft.LoraConfig(r=4, lora_alpha=6, lora_dropout=0.0, task_type="CAUSAL_LM", **KINDS[kind])
    model = peft.get_peft_model(network(), config).double()
    with torch.no_grad():
        for name, parameter in trained(model).items():
            if "lora_A" in name:
                parameter.copy_(torch.randn(parameter.shape).float() * 0.15)
            elif "lora_B" in name:
                parameter.copy_(torch.randn(parameter.shape).float() * 0.15)
            else:
                parameter.copy_((parameter * (1 + 0.2 * torch.randn(parameter.shape))).float())
    return model


def trained(model):
    """The parameters that learn, as an adapter's file names them, without the wrapper's own prefix."""
    def plain(name):
        name = name.removeprefix("base_model.model.").replace(".default", "")
        return name.removesuffix(".weight") if "magnitude" in name else name

    return {plain(k): p for k, p in model.named_parameters() if p.requires_grad}


def tokens(count, seed):
    return torch.randint(3, 96, (count,), generator=torch.Generator().manual_seed(SEED + seed))


def adapters(folder):
    for kind in KINDS:
        model, row = adapted(kind), tokens(24, 100)
        logits = model(row[None]).logits[0]
        loss = F.cross_entropy(logits[:-1], row[1:])
        loss.backward()
        found = {"tokens": row, "logits": logits, "loss": loss[None]}
        found |= {f"parameter.{k}": p for k, p in trained(model).items()}
        found |= {f"gradient.{k}": p.grad for k, p in trained(model).items()}
        save(folder, f"adapter-{kind}", arrays(found), METADATA)


# Preferences


def preferences(folder):
    model, found = adapted("lora"), {}
    prompt, answers = tokens(5, 200), [tokens(n, 201 + n) for n in (7, 4, 3, 9)]
    rows = [torch.cat([prompt, answer]) for answer in answers]
    now = [scores(model, row, len(prompt)) for row in rows]
    with torch.no_grad(), model.disable_adapter():
        before = [scores(model, row, len(prompt)) for row in rows]
    found |= {f"tokens.{i}": row for i, row in enumerate(rows)} | {"prompt": torch.tensor([len(prompt)])}
    cases = {"dpo": (0.3, 0, "sum", 0), "cdpo": (0.3, 0.2, "sum", 0), "imitating": (0.3, 0, "sum", 0.5), "mean": (2, 0, "mean", 0)}
    for name, (beta, smoothing, reduce, imitation) in cases.items():
        rewards = torch.stack([beta * getattr(n - b, reduce)() for n, b in zip(now, before)]).view(-1, 2)
        margins = rewards[:, 0] - rewards[:, 1]
        loss = (-(1 - smoothing) * F.logsigmoid(margins) - smoothing * F.logsigmoid(-margins)).mean()
        loss = loss - imitation * torch.cat(now[::2]).mean()
        gradient = torch.autograd.grad(loss, list(trained(model).values()), retain_graph=True)
        found |= {f"{name}.loss": loss[None], f"{name}.rewards": rewards}
        some = {k: g for k, g in zip(trained(model), gradient) if "layers.1.self_attn" in k}
        found |= {f"{name}.gradient.{k}": g for k, g in some.items()}
    save(folder, "preferences", arrays(found), METADATA)


def scores(model, row, prompt):
    """The log-probability of each token of the answer."""
    logprobs = model(row[None]).logits[0, :-1].log_softmax(-1)
    return logprobs.gather(1, row[1:, None])[prompt - 1 :, 0]


CASES = {"optimizers": optimizers, "adapters": adapters, "preferences": preferences}

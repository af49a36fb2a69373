"""What llama.cpp says of the real model files: perplexity, greedy continuations, token ids.

Needs the files in the folder YUYAN_MODELS, a C++ compiler and pip; Benchmarks/compare/peer.py builds llama.cpp.
"""

import hashlib
import json
import math
import os
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Benchmarks" / "compare"))
from peer import RELEASE, Peer  # noqa: E402

FOLDER = "Models"
CONTEXT, CHUNKS, IDS, CONTINUATION = 512, 16, 2000, 64
FILES = [
    "SmolLM2-135M-Instruct.Q4_1.gguf",
    "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    "gemma-3-270m-q4_k_m.gguf",
]
TEXTS = ["corpus-en.txt", "corpus-zh.txt"]
QUESTIONS = [
    "What is the capital of France? Answer in one sentence.",
    "Name three uses of a paper clip.",
    "用一句话介绍北京。",
    "天空为什么是蓝色的？",
    "Write a Python function that reverses a string.",
    "用 Swift 写一个计算阶乘的函数。",
]
BEGINNINGS = [
    "The capital of France is",
    "Once upon a time there was a little",
    "北京是中国的",
    "天空之所以是蓝色的，是因为",
    "def reverse(text):\n    ",
    "1, 1, 2, 3, 5, 8,",
]


def perplexity(folder):
    """By the method of llama-perplexity: chunks of 512 apart from each other, the second half scored."""
    found = []
    for file in FILES:
        for text in TEXTS:
            answer = ask(file, "nll", folder / text, CONTEXT, CHUNKS)
            mean = sum(answer["nll"]) / answer["scored"]
            found.append(
                {
                    "file": file,
                    "sha256": sha256(file),
                    "text": text,
                    "context": CONTEXT,
                    "chunks": len(answer["nll"]),
                    "tokens": len(answer["nll"]) * CONTEXT,
                    "bos": answer["bos"],
                    "scored": answer["scored"],
                    "perplexity": math.exp(mean),
                    "nll": answer["nll"],
                }
            )
            write(folder / "perplexity.json", found)


def greedy(folder):
    """The likeliest continuations; quantised arithmetic differs, so only their beginnings can be expected of others."""
    found = []
    for file in FILES:
        chat = "gemma" not in file
        for prompt in map(chat_prompt, QUESTIONS) if chat else BEGINNINGS:
            answer = ask(file, "greedy", CONTINUATION, prompt=prompt)
            found.append({"file": file, "sha256": sha256(file), "text": prompt} | answer)
    write(folder / "greedy.json", found)


def tokens(folder):
    """The first ids of both texts."""
    found = []
    for file in FILES:
        for text in TEXTS:
            ids = ask(file, "tokens", folder / text)["ids"]
            found.append({"file": file, "sha256": sha256(file), "text": text, "count": len(ids), "ids": ids[:IDS]})
    write(folder / "tokens.json", found)


CASES = {"perplexity": perplexity, "greedy": greedy, "tokens": tokens}


def chat_prompt(question):
    """ChatML, which both chat models speak, spelt out so that no template is involved."""
    turns = [("system", "You are a helpful assistant."), ("user", question)]
    return "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns) + "<|im_start|>assistant\n"


def model(file):
    return pathlib.Path(os.environ["YUYAN_MODELS"]) / file


def sha256(file):
    with model(file).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def ask(file, *question, prompt=""):
    program = Peer().prepare("reference").reference
    command = [str(word) for word in (program, model(file), *question)]
    return json.loads(subprocess.run(command, input=prompt.encode(), stdout=subprocess.PIPE, check=True).stdout)


def write(path, entries):
    """One entry to a line, so that a change shows."""
    head = json.dumps({"program": RELEASE, "entries": []}).removesuffix("]}")
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    path.write_text(f"{head}\n{lines}\n]}}\n")

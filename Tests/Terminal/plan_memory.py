"""`yuyan plan`: memory that is worked out beforehand, beside what a trial then took."""

import json
import random

from command import Command

SHAPE = """
    model_type: llama
    hidden_size: 320
    intermediate_size: 896
    num_hidden_layers: 8
    num_attention_heads: 5
    num_key_value_heads: 5
    tie_word_embeddings: true"""


def planned(yuyan: Command, batch: str) -> dict:
    words = random.Random(1)
    lines = (" ".join(words.choices("the swift flies over a roof and its lake at dawn".split(), k=12)) for _ in range(3000))
    (yuyan.home / "text.txt").write_text("\n".join(lines))
    (yuyan.home / "run.yaml").write_text(
        f"model:\n  new:{SHAPE}\n  tokenizer: {{size: 500}}\ndata: {{train: {{path: text.txt, format: lines}}, validation_share: 0}}\n"
        f"batch: {{tokens: 2048, context: 256, {batch}}}\nsteps: 10\n"
    )
    result = yuyan.run("plan", yuyan.home / "run.yaml", "--json")
    assert result.returncode == 0, result
    return json.loads(result.stdout)


def the_memory_of_a_run_is_planned_within_15_per_cent(yuyan: Command):
    near(planned(yuyan, "precision: float32"))


def the_memory_of_a_run_that_recomputes_is_planned_within_15_per_cent(yuyan: Command):
    near(planned(yuyan, "precision: bfloat16, recompute: true"))


def near(plan: dict):
    memory, peak = plan["memory"], plan["trial"]["peak"]
    total = sum(memory.values()) - memory["checkpoint"] - memory["average"]  # neither is in a trial
    assert abs(total - peak) < 0.15 * peak, (memory, total, peak)

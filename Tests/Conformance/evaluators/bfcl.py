"""The Berkeley Function-Calling Leaderboard v4, generated and judged by its own package (`bfcl-eval`).

The questions of its `simple`, `multiple` and `parallel` categories are asked by its own OpenAI handler, with one thing added: each of them
wants a call, so `tool_choice` is `required`. (Left to itself this small model writes calls as text in a fence, which are none.) Its
checker compares the calls with the possible answers.
"""

import json
import os
from argparse import Namespace
from pathlib import Path

# The least share of right calls that shows that tools work; a model of half a billion parameters gets no more.
LEAST = {"simple_python": 0.6, "simple_java": 0.2, "simple_javascript": 0.2, "multiple": 0.6, "parallel": 0.15}


def scores(target, out: Path) -> dict[str, tuple[float, float]]:
    place = out / "bfcl"
    place.mkdir(parents=True, exist_ok=True)
    os.environ |= {"BFCL_PROJECT_ROOT": str(place), "OPENAI_BASE_URL": target.base + "/v1", "OPENAI_API_KEY": "none"}
    from bfcl_eval.constants.model_config import MODEL_CONFIG_MAPPING, ModelConfig
    from bfcl_eval.model_handler.api_inference.openai_completion import OpenAICompletionsHandler

    class Calling(OpenAICompletionsHandler):
        def generate_with_backoff(self, **fields):
            return super().generate_with_backoff(**fields, tool_choice="required", max_tokens=200)

    name = target.model
    MODEL_CONFIG_MAPPING[name] = ModelConfig(
        model_name=name, display_name=name, url="", org="", license="", model_handler=Calling,
        is_fc_model=True, underscore_to_dot=True,
    )
    counts = generate(name, place)
    evaluate(name)
    return {
        f"{category}, {counts[category]} questions": (accuracy(place, category, counts[category]), least)
        for category, least in LEAST.items()
    }


def generate(name: str, place: Path) -> dict[str, int]:
    """Returns how many questions each category has."""
    from bfcl_eval import _llm_response_generation as generation
    from bfcl_eval.utils import load_dataset_entry

    ids = {category: [entry["id"] for entry in load_dataset_entry(category)] for category in LEAST}
    (place / "test_case_ids_to_generate.json").write_text(json.dumps(ids))
    generation.main(
        Namespace(
            model=[name], test_category=list(LEAST), temperature=0.001, include_input_log=False, exclude_state_log=True,
            num_threads=4, num_gpus=1, backend="vllm", gpu_memory_utilization=0.9, result_dir=None, run_ids=True,
            allow_overwrite=True, skip_server_setup=True, local_model_path=None, lora_modules=None, enable_lora=False,
            max_lora_rank=None,
        )
    )
    return {category: len(all_of_it) for category, all_of_it in ids.items()}


def evaluate(name: str) -> None:
    from bfcl_eval.eval_checker import eval_runner

    eval_runner.main([name], list(LEAST), None, None, partial_eval=True)


def accuracy(place: Path, category: str, count: int) -> float:
    """What the checker wrote; it must have judged every question."""
    file = next((place / "score").glob(f"**/BFCL_v4_{category}_score.json"))
    summary = json.loads(file.read_text().splitlines()[0])
    assert summary["total_count"] == count, summary
    return summary["accuracy"]

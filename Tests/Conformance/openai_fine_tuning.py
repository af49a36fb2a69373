"""Fine-tuning as a program does it: upload, train, follow, and ask the model that came of it.

The rows are few and the epochs one, so that a small model is done in minutes.
"""

import json
import time

import openai

from openai_client import chat, client_of, refused
from target import Target, equal

SORTS = {"The bus was late again.": "transport", "The lamp in our street is dark.": "lighting", "Water is brown.": "water"}


def rows(times: int = 8) -> bytes:
    def row(question: str, answer: str) -> str:
        turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        return json.dumps({"messages": turns})

    return "\n".join(row(*pair) for pair in list(SORTS.items()) * times).encode()


def uploaded(target: Target, content: bytes = b"") -> str:
    return client_of(target).files.create(file=("rows.jsonl", content or rows()), purpose="fine-tune").id


def start(target: Target, **fields):
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 1, "batch_size": 2}}}
    given = {"model": target.model, "method": method, "seed": 1} | fields
    if "training_file" not in given:
        given["training_file"] = uploaded(target)
    return client_of(target).fine_tuning.jobs.create(**given)


def wait(target: Target, id: str, *statuses: str, seconds: float = 1800):
    deadline = time.monotonic() + seconds
    while True:
        job = client_of(target).fine_tuning.jobs.retrieve(id)
        if job.status in statuses:
            return job
        assert job.status != "failed" and time.monotonic() < deadline, f"{job.status}: {job.error}"
        time.sleep(0.2)


def end(target: Target, job) -> None:
    if job.fine_tuned_model:
        client_of(target).models.delete(job.fine_tuned_model)
    client_of(target).files.delete(job.training_file)


def a_model_is_made_and_answers(target: Target):
    client = client_of(target)
    file = uploaded(target)
    job = start(target, training_file=file, validation_file=file, suffix="sorts", metadata={"made": "here"})
    assert job.id.startswith("ftjob-") and job.status in ("validating_files", "queued", "running"), job
    equal((job.object, job.model, job.fine_tuned_model), ("fine_tuning.job", target.model, None))
    equal((job.method.type, job.hyperparameters.n_epochs, job.seed), ("supervised", 1, 1))
    job = wait(target, job.id, "succeeded")
    assert job.fine_tuned_model.startswith("ft:") and ":sorts:" in job.fine_tuned_model, job.fine_tuned_model
    assert job.trained_tokens > 0 and job.finished_at >= job.created_at and job.metadata == {"made": "here"}, job
    assert job.fine_tuned_model in [model.id for model in client.models.list()]
    completion = chat(target, model=job.fine_tuned_model)
    equal(completion.model, job.fine_tuned_model)
    assert completion.choices[0].message.content, completion
    follow(target, job)
    equal(client.models.delete(job.fine_tuned_model).deleted, True)
    assert isinstance(refused(lambda: chat(target, model=job.fine_tuned_model)), openai.NotFoundError)
    client.files.delete(file)


def follow(target: Target, job) -> None:
    """The events, the checkpoints and the table of results agree."""
    jobs = client_of(target).fine_tuning.jobs
    events = list(jobs.list_events(job.id, limit=7))  # all of them, page by page
    equal(len({event.id for event in events}), len(events), "events")
    metrics = [event.data for event in events if event.type == "metrics"]
    steps = [data["step"] for data in metrics]
    equal(steps, list(range(metrics[0]["total_steps"], 0, -1)), "steps")
    checkpoints = list(jobs.checkpoints.list(job.id))
    assert checkpoints and all(point.fine_tuned_model_checkpoint for point in checkpoints), checkpoints
    assert all(point.fine_tuning_job_id == job.id and point.step_number in steps for point in checkpoints)
    table = client_of(target).files.content(job.result_files[0]).text.splitlines()
    assert table[0].startswith("step,train_loss,"), table[0]
    equal(len(table), len(steps) + 1, "rows of the table")


def a_job_is_paused_and_resumed(target: Target):
    jobs = client_of(target).fine_tuning.jobs
    job = start(target, training_file=uploaded(target, rows(64)))
    wait(target, job.id, "queued", "running")
    equal(jobs.pause(job.id).status, "paused")
    time.sleep(1)
    equal(jobs.retrieve(job.id).status, "paused")
    assert jobs.resume(job.id).status in ("queued", "running")
    jobs.cancel(job.id)
    end(target, job)


def a_job_is_cancelled(target: Target):
    jobs = client_of(target).fine_tuning.jobs
    job = start(target, training_file=uploaded(target, rows(64)))
    equal(jobs.cancel(job.id).status, "cancelled")
    equal(jobs.retrieve(job.id).status, "cancelled")
    assert isinstance(refused(lambda: jobs.cancel(job.id)), openai.BadRequestError)
    assert job.id in [found.id for found in jobs.list(limit=3)]
    end(target, job)


def what_cannot_be_trained_is_a_bad_request(target: Target):
    fields = {
        "training_file": {"training_file": "file-none"},
        "method.type": {"method": {"type": "reinforcement"}},
        "integrations": {"integrations": [{"type": "wandb", "wandb": {"project": "x"}}]},
        "suffix": {"suffix": "a:b"},
        "yuyan.a": {"extra_body": {"yuyan": {"a": 1}}},
    }
    file = uploaded(target)
    for param, field in fields.items():
        error = refused(lambda: start(target, **{"training_file": file} | field))
        assert isinstance(error, openai.BadRequestError), error
        equal(error.param, param)
    assert isinstance(refused(lambda: start(target, training_file=file, model="none")), openai.NotFoundError)
    assert isinstance(refused(lambda: client_of(target).fine_tuning.jobs.retrieve("ftjob-none")), openai.NotFoundError)
    client_of(target).files.delete(file)

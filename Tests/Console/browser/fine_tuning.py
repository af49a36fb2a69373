"""Files and fine-tuning jobs as a server has them, made up: a job has told as much as a check made it tell."""

import json
import math
import re
import time

import scripts

JOBS = "/v1/fine_tuning/jobs"
NOW = 1_764_380_000


class FineTuning:
    """The state behind `/v1/files` and `/v1/fine_tuning/jobs`. `able` false: a server without them."""

    def __init__(self):
        self.able, self.jobs, self.files, self.asked, self.bodies = True, {}, {}, [], []
        self.refuse, self.broken = None, 0

    # What a check does.

    def add_file(self, name, text, identity=None):
        identity = identity or f"file-{len(self.files) + 1:04}"
        file = {"id": identity, "object": "file", "bytes": len(text.encode()), "created_at": NOW, "filename": name}
        self.files[identity] = file | {"purpose": "fine-tune", "status": "processed"}
        return self.files[identity]

    def add_job(self, status="running", steps=0, total=400, shape=0, **fields):
        number = len(self.jobs) + 1
        identity = f"ftjob-{number:06}"
        method = fields.pop("method", {"type": "supervised", "supervised": {"hyperparameters": settings()}})
        job = {
            "id": identity, "object": "fine_tuning.job", "created_at": int(time.time()) - 7200 + number * 60,
            "model": "swift-7b", "status": status, "training_file": "file-0001", "validation_file": None, "seed": 42,
            "fine_tuned_model": None, "finished_at": None, "trained_tokens": None, "estimated_finish": None,
            "error": None, "method": method, "hyperparameters": {}, "result_files": [], "organization_id": "org",
            "user_provided_suffix": None,
        } | fields  # fmt: skip
        self.jobs[identity] = {"job": job, "events": [], "checkpoints": [], "total": total, "step": 0, "shape": shape}
        self.say(identity, "The run was created.")
        self.advance(identity, steps)
        return identity

    def say(self, identity, message, level="info", kind="message", data=None, at=None):
        events = self.jobs[identity]["events"]
        event = {"id": f"ftevent-{identity[-6:]}-{len(events):06}", "object": "fine_tuning.job.event", "level": level}
        created = at if at is not None else int(time.time())
        events.append(event | {"created_at": created, "message": message, "type": kind, "data": data})

    def advance(self, identity, steps):
        """Trains so many steps, four seconds each."""
        entry = self.jobs[identity]
        begun = int(time.time()) - 4 * (entry["step"] + steps)
        for step in range(entry["step"] + 1, entry["step"] + steps + 1):
            data = measures(step, entry["total"], entry["shape"])
            if step % 25 == 0:
                data["valid_loss"] = valid(step, entry["shape"])
                self.lay_by(identity, step, data)
            self.say(identity, f"Step {step}", kind="metrics", data=data, at=begun + 4 * step)
        entry["step"] += steps

    def lay_by(self, identity, step, data):
        model = f"ft:swift-7b:org:run:{identity[-6:]}:ckpt-step-{step}"
        metrics = {"step": step, "train_loss": data["train_loss"], "full_valid_loss": data["valid_loss"]}
        self.jobs[identity]["checkpoints"].append({
            "id": f"ftckpt-{identity[-6:]}-{step}", "object": "fine_tuning.job.checkpoint", "created_at": NOW + step,
            "fine_tuned_model_checkpoint": model, "fine_tuning_job_id": identity, "metrics": metrics,
            "step_number": step,
        })  # fmt: skip

    def finish(self, identity):
        entry = self.jobs[identity]
        job = entry["job"]
        self.advance(identity, entry["total"] - entry["step"])
        name = f"ft:{job['model']}:org:{job['user_provided_suffix'] or ''}:{identity[-6:]}"
        job |= {"status": "succeeded", "fine_tuned_model": name, "finished_at": job["created_at"] + 1860}
        job["trained_tokens"] = entry["total"] * 2048
        self.say(identity, f"The model {name} is ready.")

    # What the server does.

    def get(self, path):
        """(status, body), or None where the path is not ours."""
        address, _, query = path.partition("?")
        if not address.startswith(("/v1/files", JOBS)):
            return None
        self.asked.append(path)
        if not self.able:
            return 404, {"error": scripts.error("Nothing is served at this address.", "unknown_url")}
        if self.broken > 0:
            self.broken -= 1
            return 500, {"error": scripts.error("the store stumbled", None, "server_error")}
        given = dict(part.split("=") for part in query.split("&") if part)
        if address == "/v1/files":
            return 200, listed(list(self.files.values()), given)
        if address == JOBS:
            return 200, listed([entry["job"] for entry in self.jobs.values()], given)
        return self.get_job(address.removeprefix(JOBS + "/"), given)

    def get_job(self, rest, given):
        identity, _, part = rest.partition("/")
        entry = self.jobs.get(identity)
        if entry is None:
            return 404, {"error": scripts.error(f"There is no job '{identity}'.", "job_not_found")}
        if part == "":
            return 200, entry["job"]
        return 200, listed(entry[part], given)

    def post(self, path, kind, raw):
        if not path.startswith(("/v1/files", JOBS)):
            return None
        if not self.able:
            return 404, {"error": scripts.error("Nothing is served at this address.", "unknown_url")}
        if path == "/v1/files":
            return self.upload(kind, raw)
        if path == JOBS:
            return self.create(json.loads(raw))
        identity, _, action = path.removeprefix(JOBS + "/").partition("/")
        return self.act(identity, action)

    def upload(self, kind, raw):
        fields = dict(parts(kind.partition("boundary=")[2], raw.decode()))
        name, text = fields["file"]
        assert fields["purpose"] == (None, "fine-tune"), fields
        if "bad row" in text:
            message = "Line 2 of the file is not a conversation: it has no messages."
            return 400, {"error": scripts.error(message, "invalid_file") | {"param": "file"}}
        return 200, self.add_file(name, text)

    def create(self, body):
        self.bodies.append(body)
        if self.refuse:
            message, param = self.refuse
            return 400, {"error": scripts.error(message, "invalid_value") | {"param": param}}
        fields = {key: body[key] for key in ("model", "training_file", "method") if key in body}
        identity = self.add_job("queued", user_provided_suffix=body.get("suffix"), **fields)
        return 200, self.jobs[identity]["job"]

    def act(self, identity, action):
        job = self.jobs[identity]["job"]
        status = {"pause": "paused", "resume": "running", "cancel": "cancelled"}[action]
        if self.refuse:
            return 400, {"error": scripts.error(self.refuse[0], "invalid_state")}
        job["status"] = status
        if action == "cancel":
            job["finished_at"] = int(time.time())
        self.say(identity, f"The run is {status}.")
        return 200, job

    def delete(self, path):
        identity = path.removeprefix("/v1/files/")
        if identity not in self.files:
            return 404, {"error": scripts.error("no such file", "file_not_found")}
        del self.files[identity]
        return 200, {"id": identity, "object": "file", "deleted": True}

    @property
    def models(self):
        names = [entry["job"]["fine_tuned_model"] for entry in self.jobs.values()]
        return [{"id": name, "object": "model", "context_length": 32768} for name in names if name]


def parts(boundary, text):
    """The parts of a form: `(name, (file name, text))`."""
    for part in text.split(f"--{boundary}")[1:-1]:
        head, _, body = part.partition("\r\n\r\n")
        file = re.search(r'filename="([^"]*)"', head)
        yield re.search(r'\bname="([^"]*)"', head)[1], (file and file[1], body.removesuffix("\r\n"))


def settings(**given):
    return {"n_epochs": 3, "batch_size": 8, "learning_rate_multiplier": 1.0} | given


def listed(items, given):
    """A page of OpenAI's lists: newest first, `limit` of them from behind `after`."""
    newest = items[::-1]
    start = next((at + 1 for at, each in enumerate(newest) if each["id"] == given.get("after")), 0)
    end = start + min(int(given.get("limit", 20)), 1000)
    return {"object": "list", "data": newest[start:end], "has_more": end < len(newest)}


def noise(step):
    """A number between -1 and 1, the same on every machine."""
    return math.sin(step * 12.9898) * 43758.5453 % 2 - 1


def measures(step, total, shape):
    loss = 0.62 + 0.07 * shape + (1.9 - 0.1 * shape) * math.exp(-step / (60 + 25 * shape)) + 0.09 * noise(step)
    warm = min(1, step / 20) * (0.5 + 0.5 * math.cos(math.pi * step / total))
    return {"step": step, "total_steps": total, "train_loss": round(loss, 4), "learning_rate": 2e-4 * warm,
            "tokens_per_second": round(1840 + 60 * noise(step + 7)), "tokens": step * 2048}  # fmt: skip


def valid(step, shape):
    return round(0.7 + 0.05 * shape + 1.8 * math.exp(-step / 70) + 0.00025 * step, 4)

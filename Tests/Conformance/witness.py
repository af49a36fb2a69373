"""Notes every request that a check makes, whichever library sends it, and what came of it; scripts/checks/proofs.py holds the
table of dialects against these notes."""

import json
import re
from pathlib import Path


class Witness:
    def __init__(self, folder: str | None):
        self.file = Path(folder) / "clients.jsonl" if folder else None
        self.check = None  # the one that is being made

    def note(self, method: str, path: str, body: bytes | None, status: int, answer: bytes) -> None:
        if not self.file or not self.check:
            return
        line = {
            "file": self.check.__module__ + ".py", "test": self.check.__name__, "method": method, "path": path,
            "status": status, "body": sent(body), "answer": answer.decode(errors="replace")[:2000] if status >= 400 else "",
        }  # fmt: skip
        with self.file.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def follow(self, httpx) -> None:
        """The clients of other people all speak through httpx, the younger ones through its second edition."""
        send, send_async = httpx.Client.send, httpx.AsyncClient.send

        def noted(client, request, **options):
            body = request.read() if has_fields(request) else None
            response = send(client, request, **options)
            self.see(request, body, response, response.read() if response.status_code >= 400 else b"")
            return response

        async def noted_async(client, request, **options):
            body = await request.aread() if has_fields(request) else None
            response = await send_async(client, request, **options)
            self.see(request, body, response, await response.aread() if response.status_code >= 400 else b"")
            return response

        httpx.Client.send, httpx.AsyncClient.send = noted, noted_async

    def see(self, request, body: bytes | None, response, answer: bytes) -> None:
        self.note(request.method, request.url.raw_path.decode(), body, response.status_code, answer)


def has_fields(request) -> bool:
    """A file that is uploaded by itself has none."""
    return request.headers.get("content-type", "").startswith(("application/json", "multipart/form-data"))


def sent(body: bytes | None):
    """The fields of a body: JSON, or the names of a form's parts."""
    try:
        return json.loads(body)
    except (TypeError, ValueError, RecursionError):
        names = re.findall(rb'name="(\w+)"', body or b"")
        return {name.decode(): "" for name in names} or None

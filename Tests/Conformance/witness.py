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
        """The clients of other people all speak through httpx."""
        send, send_async = httpx.Client.send, httpx.AsyncClient.send

        def noted(client, request, **options):
            request.read()
            response = send(client, request, **options)
            if response.status_code >= 400:
                response.read()
            self.see(request, response)
            return response

        async def noted_async(client, request, **options):
            await request.aread()
            response = await send_async(client, request, **options)
            if response.status_code >= 400:
                await response.aread()
            self.see(request, response)
            return response

        httpx.Client.send, httpx.AsyncClient.send = noted, noted_async

    def see(self, request, response) -> None:
        answer = response.content if response.status_code >= 400 else b""
        self.note(request.method, request.url.raw_path.decode(), request.content, response.status_code, answer)


def sent(body: bytes | None):
    """The fields of a body: JSON, or the names of a form's parts."""
    try:
        return json.loads(body)
    except (TypeError, ValueError):
        names = re.findall(rb'name="(\w+)"', body or b"")
        return {name.decode(): "" for name in names} or None

"""As much of HTTP/1.1 and server-sent events as a strict client needs, on asyncio's streams."""

import asyncio
import ipaddress
import json
from dataclasses import dataclass
from urllib.parse import urlsplit


class Malformed(Exception):
    """The server broke the protocol."""


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @classmethod
    def loopback(cls, url):
        """The address of a base URL; refuses everything but this machine's loopback interface."""
        parts = urlsplit(url)
        host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
        try:
            if parts.scheme == "http" and ipaddress.ip_address(host).is_loopback:
                return cls(host, parts.port or 80)
        except ValueError:
            pass
        raise ValueError(f"{url}: this script only talks to http:// on 127.0.0.0/8, [::1] or localhost")

    def request(self, method, path, body=None):
        payload = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        host = f"[{self.host}]" if ":" in self.host else self.host
        lines = [f"{method} {path} HTTP/1.1", f"host: {host}:{self.port}", "connection: close"]
        if body is not None:
            lines += ["content-type: application/json", f"content-length: {len(payload)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


class Response:
    """A status, headers, and a body that is read piece by piece."""

    def __init__(self, reader):
        self.reader = reader

    async def head(self):
        version, status, *_ = (await self.line()).split(" ", 2)
        if version != "HTTP/1.1":
            raise Malformed(f"a status line that begins {version!r}")
        self.status, self.headers = int(status), {}
        while line := await self.line():
            name, colon, value = line.partition(":")
            if not colon:
                raise Malformed(f"a header without a colon: {line!r}")
            self.headers[name.lower()] = value.strip()
        return self

    async def line(self):
        line = await self.reader.readline()
        if not line.endswith(b"\r\n"):
            raise Malformed("the connection ended inside a line" if line else "the connection ended too early")
        return line[:-2].decode()

    async def pieces(self):
        if self.headers.get("transfer-encoding") == "chunked":
            while size := int(await self.line(), 16):
                yield await self.reader.readexactly(size)
                if await self.line():
                    raise Malformed("a chunk longer than it said")
            await self.line()
        elif "content-length" in self.headers:
            yield await self.reader.readexactly(int(self.headers["content-length"]))
        else:
            while piece := await self.reader.read(65536):
                yield piece

    async def body(self):
        return b"".join([piece async for piece in self.pieces()])

    async def events(self):
        """The data of each event; anything but `data:` lines and comments is malformed."""
        rest = b""
        async for piece in self.pieces():
            *events, rest = (rest + piece).split(b"\n\n")
            for event in events:
                lines = [line for line in event.decode().split("\n") if not line.startswith(":")]
                if lines and not all(line.startswith("data: ") for line in lines):
                    raise Malformed(f"an event of other fields: {event[:80]!r}")
                if lines:
                    yield "\n".join(line[6:] for line in lines)
        if rest.strip():
            raise Malformed(f"the stream ended inside an event: {rest[:80]!r}")


async def get(address, path, seconds=30):
    async def exchange():
        reader, writer = await asyncio.open_connection(address.host, address.port, limit=1 << 20)
        try:
            writer.write(address.request("GET", path))
            response = await Response(reader).head()
            return response.status, await response.body()
        finally:
            writer.close()

    return await asyncio.wait_for(exchange(), seconds)

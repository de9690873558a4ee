"""A bare HTTP/1.1 client on one kept connection, so that the client is not what a benchmark measures."""

from __future__ import annotations

import asyncio
import json
from typing import Self

_TIMEOUT_SECONDS = 60


class RawClient:
    """Speaks JSON and event streams with one server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Open a connection to a port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))

    def close(self) -> None:
        """Drop the connection."""
        self._writer.close()

    async def get(self, path: str) -> dict[str, object]:
        """Return the JSON that is found at `path`."""
        return await self._exchange("GET", path, b"")

    async def post(self, path: str, body: object) -> dict[str, object]:
        """Send JSON and return the JSON that comes back."""
        return await self._exchange("POST", path, json.dumps(body).encode())

    async def _exchange(self, method: str, path: str, data: bytes) -> dict[str, object]:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            head = await self._send(method, path, data)
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            answer: dict[str, object] = json.loads(await self._reader.readexactly(length))
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path} answered {answer}")
        return answer

    async def stream(self, path: str, body: object, mark: bytes) -> float:
        """Send JSON, read the whole event stream, and return the seconds until `mark` came."""
        clock = asyncio.get_running_loop().time
        started, marked, text = clock(), 0.0, b""
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            head = await self._send("POST", path, json.dumps(body).encode())
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                text += (await self._reader.readexactly(size + 2))[:-2]
                if not marked and mark in text:
                    marked = clock() - started
            await self._reader.readexactly(2)
        if not head.startswith(b"HTTP/1.1 200") or not marked:
            raise RuntimeError(f"{path} answered {text[-1000:]!r}")
        return marked

    async def _send(self, method: str, path: str, data: bytes) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer benchmark\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        self._writer.write(head.encode() + data)
        return await self._reader.readuntil(b"\r\n\r\n")

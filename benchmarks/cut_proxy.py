"""A TCP proxy that can be cut, as when a database is stopped: open connections end, new ones are refused."""

from __future__ import annotations

import asyncio
from contextlib import suppress

_PIECE = 64 * 1024


class CutProxy:
    """Passes bytes between its port and another address."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def open(self) -> None:
        """Listen, on the port of before if there was one."""
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """End every connection and refuse new ones until it is opened again."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, far_writer}
        try:
            with suppress(asyncio.CancelledError):  # The benchmark ends while connections are open.
                await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        finally:
            self._writers -= {writer, far_writer}


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()

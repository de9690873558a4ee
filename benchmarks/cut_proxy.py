"""A TCP proxy that can be cut, as when a database is stopped: open connections end, new ones are refused.

It works in a process of its own, so that who measures does not slow it down: a signal cuts it, another opens it again.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import subprocess
import sys
from contextlib import suppress

_PIECE = 64 * 1024
_CUT, _OPEN = signal.SIGUSR1, signal.SIGUSR2
_START_SECONDS = 10.0


class CutProxy:
    """Passes bytes between its port and another address."""

    def __init__(self, host: str, port: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._process = subprocess.Popen([sys.executable, __file__, str(self.port), host, str(port)])

    async def listening(self) -> None:
        """Wait until it takes connections."""
        async with asyncio.timeout(_START_SECONDS):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.05)

    def cut(self) -> None:
        """End every connection and refuse new ones until it is opened again."""
        self._process.send_signal(_CUT)

    async def open(self) -> None:
        """Take connections again."""
        self._process.send_signal(_OPEN)
        await self.listening()

    def end(self) -> None:
        """Cut it for good."""
        self._process.terminate()
        self._process.wait(10)


async def _serve(port: int, host: str, far_port: int) -> None:
    writers: set[asyncio.StreamWriter] = set()
    asked: asyncio.Queue[bool] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(_CUT, asked.put_nowait, False)
    loop.add_signal_handler(_OPEN, asked.put_nowait, True)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, far_port)
        pair = {writer, far_writer}
        writers.update(pair)
        await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        writers.difference_update(pair)

    while True:
        server = await asyncio.start_server(pass_on, "127.0.0.1", port)
        while await asked.get():
            pass
        server.close()
        for writer in writers:
            writer.transport.abort()
        while not await asked.get():
            pass


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name, kind in (("port", int), ("host", str), ("far_port", int)):
        parser.add_argument(name, type=kind)
    options = parser.parse_args()
    asyncio.run(_serve(options.port, options.host, options.far_port))


if __name__ == "__main__":
    _main()

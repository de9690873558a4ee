"""Tells those who work in the background that the server is about to stop, before its connections are closed."""

from __future__ import annotations

import asyncio


class Stopping:
    """Of one server; `tell` may be called by the handler of a signal."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def wait(self) -> None:
        """Wait until the server is about to stop."""
        self._loop = asyncio.get_running_loop()
        await self._told.wait()

    def tell(self) -> None:
        """Say that the server is about to stop."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)

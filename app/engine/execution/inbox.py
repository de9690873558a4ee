"""What the worker is asked to do: carry out a run, stop a run."""

from __future__ import annotations

from collections import deque

import anyio


class Inbox:
    """Requests in the order they came; the database is the truth, this only saves the wait."""

    def __init__(self) -> None:
        self._queued: deque[str] = deque()
        self._cancelled: deque[str] = deque()
        self._changed = anyio.Event()

    def run(self, run_id: str) -> None:
        """Ask that a queued run be carried out."""
        self._queued.append(run_id)
        self._changed.set()

    def cancel(self, run_id: str) -> None:
        """Ask that a run which is cancelling be stopped."""
        self._cancelled.append(run_id)
        self._changed.set()

    async def take(self) -> tuple[list[str], list[str]]:
        """Wait for requests; return the runs to carry out, and those to stop."""
        await self._changed.wait()
        self._changed = anyio.Event()
        queued, cancelled = list(self._queued), list(self._cancelled)
        self._queued.clear()
        self._cancelled.clear()
        return queued, cancelled

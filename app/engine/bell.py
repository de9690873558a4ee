"""A bell: one side rings, the other wakes up; what was rung while nobody waited is not lost."""

from __future__ import annotations

import anyio


class Bell:
    """Saves the wait until the next look; the database is the truth."""

    def __init__(self) -> None:
        self._rung = anyio.Event()

    def ring(self) -> None:
        """Wake whoever waits, or the next who does."""
        self._rung.set()

    async def wait(self, most_seconds: float) -> None:
        """Return when it rings, or after the time."""
        with anyio.move_on_after(most_seconds):
            await self._rung.wait()
        self._rung = anyio.Event()

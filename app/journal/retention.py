"""Keeps the journal from growing without end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from app.clock import Clock
    from app.journal.journal import Journal

_PAUSE_SECONDS: Final = 600.0
_DAY_SECONDS: Final = 24 * 3600.0
_LONGEST_CALL_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Retention:
    """How many entries are kept, and how long."""

    entries: int
    days: float

    async def work(self, journal: Journal, clock: Clock) -> None:
        """Delete what is too old or too much, now and every ten minutes, until cancelled."""
        while True:
            await self.apply(journal, clock)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def apply(self, journal: Journal, clock: Clock) -> None:
        """Delete what is too old or too much."""
        now = clock.now()
        await journal.close_forgotten(before=now - _LONGEST_CALL_SECONDS)
        await journal.prune(before=now - self.days * _DAY_SECONDS, keep=self.entries)

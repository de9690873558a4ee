"""Whether the journal holds anything new for somebody: one look at the database for all open pages."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from app.journal.tables import entries

if TYPE_CHECKING:
    from app.database import Database

_LOOK_SECONDS: Final = 0.25
_column = entries.c


class News:
    """The numbers of people's newest entries, as this process last read them."""

    def __init__(self, database: Database, *, look_seconds: float = _LOOK_SECONDS) -> None:
        self._database = database
        self._look_seconds = look_seconds
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()
        self._first = 0
        self._last = -1
        self._numbers: dict[str, int] = {}

    async def number(self, principal: str) -> int:
        """Return the number of the newest entry of that person, of all where it is empty; a moment old at most.

        Somebody who did nothing since this process began has the newest number of that time.
        """
        async with self._looking:
            if monotonic() - self._looked_at >= self._look_seconds:
                await self._look()
        return self._numbers.get(principal, self._first) if principal else self._last

    async def _look(self) -> None:
        if self._last < 0:
            newest = select(func.max(_column.number))
            found = await self._database.read(lambda connection: connection.execute(newest).scalar())
            self._first = self._last = found or 0
        newer = select(_column.principal, func.max(_column.number).label("number")).where(_column.number > self._last)
        statement = newer.group_by(_column.principal)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        self._numbers |= {row.principal: row.number for row in rows}
        self._last = max([self._last, *(row.number for row in rows)])
        self._looked_at = monotonic()

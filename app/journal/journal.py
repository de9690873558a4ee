"""The numbered record of what happened in a chat session: replay from the database, then follow."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from weakref import WeakValueDictionary

from sqlalchemy import Connection, Row, delete, insert, select

from app.journal import tables

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from app.clock import Clock
    from app.database import Database

Kind = Literal["exchange", "run_event", "note"]
"""`exchange`: an API call; `run_event`: an event of a run's stream (name, data); `note`: a line of the page itself."""

_BATCH = 200
_INSERT = insert(tables.entries).returning(tables.entries.c.number)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `number` grows with time and is what a page resumes after."""

    number: int
    session_id: str
    kind: Kind
    data: Mapping[str, object]
    created_at: float
    thread_id: str | None = None
    run_id: str | None = None


class Journal:
    """The entries of all chat sessions."""

    def __init__(self, database: Database, clock: Clock, *, poll_seconds: float = 15.0) -> None:
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._followers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def append(
        self,
        session_id: str,
        kind: Kind,
        data: Mapping[str, object],
        *,
        thread_id: str | None = None,
        run_id: str | None = None,
    ) -> Entry:
        """Write down what happened and wake those who follow the session."""
        entry = Entry(0, session_id, kind, data, self._clock.now(), thread_id, run_id)
        # One at a time in a session: a number must not be committed before a smaller one.
        async with self._locks.setdefault(session_id, asyncio.Lock()):
            number = await self._database.write(lambda connection: _insert(connection, entry))
        for wake in self._followers.get(session_id, ()):
            wake.set()
        return replace(entry, number=number)

    async def entries(self, session_id: str, after: int = 0, limit: int = _BATCH) -> list[Entry]:
        """Return up to `limit` entries with numbers above `after`, oldest first."""
        statement = (
            select(tables.entries)
            .where(tables.entries.c.session_id == session_id, tables.entries.c.number > after)
            .order_by(tables.entries.c.number)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [_entry(row) for row in rows]

    async def last_number(self, session_id: str) -> int:
        """Return the number of the session's newest entry, 0 where there is none."""
        newest = select(tables.entries.c.number).where(tables.entries.c.session_id == session_id)
        statement = newest.order_by(tables.entries.c.number.desc()).limit(1)
        return await self._database.read(lambda connection: connection.execute(statement).scalar()) or 0

    async def follow(self, session_id: str, after: int = 0) -> AsyncGenerator[Entry]:
        """Yield every entry above `after`, first those that are there, then each as it comes; close it to stop."""
        wake = asyncio.Event()
        self._followers[session_id].add(wake)
        try:
            while True:
                wake.clear()
                batch = await self.entries(session_id, after)
                for entry in batch:
                    after = entry.number
                    yield entry
                if not batch:
                    await self._wait(wake)
        finally:
            self._forget(session_id, wake)

    async def prune(self, before: float) -> int:
        """Delete the entries made before that time, some at a time, and return how many they were."""
        old = select(tables.entries.c.number).where(tables.entries.c.created_at < before).limit(_BATCH)
        statement = delete(tables.entries).where(tables.entries.c.number.in_(old))
        total = 0
        while deleted := await self._database.write(lambda connection: connection.execute(statement).rowcount):
            total += deleted
        return total

    async def _wait(self, wake: asyncio.Event) -> None:
        # The limit lets entries through that another process wrote.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_seconds):
                await wake.wait()

    def _forget(self, session_id: str, wake: asyncio.Event) -> None:
        self._followers[session_id].discard(wake)
        if not self._followers[session_id]:
            del self._followers[session_id]


def _insert(connection: Connection, entry: Entry) -> int:
    values = {name: getattr(entry, name) for name in Entry.__slots__ if name != "number"}
    number: int = connection.execute(_INSERT, values).scalar_one()
    return number


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(**row._mapping)  # noqa: SLF001  The documented way to a row's names.

"""The numbered record of what happened: written here, replayed and then followed by pages."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, delete, select, update

from app.journal import tables
from app.journal.entry import LOCAL, Entry, Kind
from app.journal.news import News
from app.journal.open_streams import OpenStreams
from app.journal.reader import Reader
from app.journal.writing import event_entry, exchange_entry, insert_one, write_entries
from app.redaction import without_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from app.clock import Clock
    from app.database import Database
    from app.journal.exchange import Exchange

__all__ = ["Entry", "Journal", "Kind"]

_BATCH: Final = 200


class Journal:
    """The entries of all chat sessions and of the programs that use the API."""

    def __init__(self, database: Database, clock: Clock, *, poll_seconds: float = 15.0) -> None:
        self.reader = Reader(database)
        self.news = News(database)
        self.open_streams = OpenStreams()
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._followers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._begun: dict[str, int] = {}
        """The numbers of exchanges that still go on, by their ids."""

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
        return await self._write_one(entry)

    async def record_event(
        self,
        session_id: str,
        name: str,
        body: object,
        *,
        thread_id: str | None,
        run_id: str | None,
        principal: str = LOCAL,
    ) -> Entry:
        """Write down an event of a run's stream with its object."""
        detail = without_secrets(json.dumps(body, ensure_ascii=False))
        now = self._clock.now()
        return await self._write_one(
            event_entry(
                name,
                detail,
                now,
                thread_id=thread_id,
                run_id=run_id,
                session_id=session_id,
                principal=principal,
            )
        )

    async def record_exchange(
        self, session_id: str, exchange: Exchange, *, thread_id: str | None = None, principal: str = LOCAL
    ) -> Entry:
        """Write down an API call; one that was written when it began is amended when it ends."""
        entry = exchange_entry(exchange, session_id, thread_id, principal)
        number = self._begun.pop(exchange.id, None)
        if number is not None:
            await self.write([replace(entry, number=number)])
            self.open_streams.end(exchange.id)
            return replace(entry, number=number)
        written = await self._write_one(entry)
        if not exchange.is_finished:
            self._begun[exchange.id] = written.number
            self.open_streams.begin(exchange.id, exchange.so_far)
        return written

    async def write(self, entries: Sequence[Entry]) -> list[int]:
        """Write entries in one transaction and return their numbers; those that have one take the old one's place."""
        numbers = await self._database.write(lambda connection: write_entries(connection, entries))
        for session_id in {entry.session_id for entry in entries}:
            self._wake(session_id)
        return numbers

    async def entry(self, number: int, principal: str = "") -> Entry:
        """Return one entry (of that person), a stream that goes on with what came so far; raises `NotFound`."""
        entry = await self.reader.entry(number, principal)
        return self.open_streams.so_far(entry) or entry

    async def entries(self, session_id: str, after: int = 0, limit: int = _BATCH) -> list[Entry]:
        """Return up to `limit` entries with numbers above `after`, oldest first."""
        return await self.reader.after(session_id, after, limit)

    async def last_number(self, session_id: str | None = None) -> int:
        """Return the number of the newest entry, of that session or of all; 0 where there is none."""
        newest = select(tables.entries.c.number).order_by(tables.entries.c.number.desc()).limit(1)
        if session_id is not None:
            newest = newest.where(tables.entries.c.session_id == session_id)
        return await self._database.read(lambda connection: connection.execute(newest).scalar()) or 0

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

    async def prune(self, before: float, keep: int | None = None) -> int:
        """Delete the entries made before that time and all but the newest `keep`; return how many they were."""
        column = tables.entries.c
        total = await self._delete(column.created_at < before)
        if keep is not None:
            oldest_kept = select(column.number).order_by(column.number.desc()).offset(keep).limit(1)
            last = await self._database.read(lambda connection: connection.execute(oldest_kept).scalar())
            total += await self._delete(column.number <= last) if last is not None else 0
        return total

    async def close_forgotten(self, before: float) -> None:
        """Mark the calls that began before that time and never ended: their server stopped."""
        column = tables.entries.c
        statement = update(tables.entries).where(column.state == "running", column.created_at < before)
        await self._database.write(lambda connection: connection.execute(statement.values(state="failed")))

    async def _write_one(self, entry: Entry) -> Entry:
        number = await self._database.write(lambda connection: insert_one(connection, entry))
        self._wake(entry.session_id)
        return replace(entry, number=number)

    async def _delete(self, condition: ColumnElement[bool]) -> int:
        column = tables.entries.c
        some = select(column.number).where(condition).limit(_BATCH)
        statement = delete(tables.entries).where(column.number.in_(some))
        total = 0
        while deleted := await self._database.write(lambda connection: connection.execute(statement).rowcount):
            total += deleted
        return total

    def _wake(self, session_id: str) -> None:
        for wake in self._followers.get(session_id, ()):
            wake.set()

    async def _wait(self, wake: asyncio.Event) -> None:
        # The limit lets entries through that another process wrote.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_seconds):
                await wake.wait()

    def _forget(self, session_id: str, wake: asyncio.Event) -> None:
        self._followers[session_id].discard(wake)
        if not self._followers[session_id]:
            del self._followers[session_id]

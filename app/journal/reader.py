"""Reads the journal as pages show it: newest first, filtered, some at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import Row, Select, case, func, select

from app.errors import NotFound
from app.journal.entry import Entry
from app.journal.tables import entries as table

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from app.database import Database
    from app.journal.filters import EntryFilter

_column = table.c
_EVENT_DETAIL = case((_column.kind == "run_event", _column.detail), else_=None).label("detail")
_LIGHT = (*(column for column in table.c if column.name != "detail"), _EVENT_DETAIL)
_ENDS: Final = {
    "failed": ("thread.run.failed", "thread.run.expired", "thread.run.incomplete"),
    "ok": ("thread.run.completed", "thread.run.cancelled"),
}
_ALL_ENDS: Final = (*_ENDS["failed"], *_ENDS["ok"])
_EXPORTED_AT_A_TIME: Final = 100


class Reader:
    """Entries without the details of exchanges, except where one entry is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entry(self, number: int, principal: str = "") -> Entry:
        """Return one entry (of that person) with its detail, or raise `NotFound`."""
        statement = select(table).where(_column.number == number)
        found = await self._rows(statement.where(_column.principal == principal) if principal else statement)
        if not found:
            raise NotFound("This entry is no longer there: old entries are deleted.")
        return found[0]

    async def after(self, session_id: str, number: int, limit: int) -> list[Entry]:
        """Return a session's entries above a number, oldest first."""
        statement = select(*_LIGHT).where(_column.session_id == session_id, _column.number > number)
        return await self._rows(statement.where(_column.amends.is_(None)).order_by(_column.number).limit(limit))

    async def newest(self, wanted: EntryFilter, limit: int, before: int | None = None) -> list[Entry]:
        """Return the newest matching entries (below a number), oldest first."""
        statement = select(*_LIGHT).where(*wanted.conditions()).order_by(_column.number.desc()).limit(limit)
        if before is not None:
            statement = statement.where(_column.number < before)
        return (await self._rows(statement))[::-1]

    async def changes(self, wanted: EntryFilter, after: int, limit: int) -> list[Entry]:
        """Return what matches and is new since a number, or has changed since; that may have left its state."""
        changed_since = _column.number.in_(_notices(after, wanted.until))
        old = select(*_LIGHT).where(changed_since, *replace(wanted, state="").conditions())
        new = select(*_LIGHT).where(_column.number > after, *wanted.conditions())
        changed = await self._rows(old.where(_column.number <= after).order_by(_column.number).limit(limit))
        return changed + (await self._rows(new.order_by(_column.number.desc()).limit(limit)))[::-1]

    async def count_new(self, wanted: EntryFilter, after: int) -> int:
        """Return how many matching entries came after a number."""
        statement = select(func.count()).select_from(table).where(_column.number > after, *wanted.conditions())
        return await self._database.read(lambda connection: connection.execute(statement).scalar_one())

    async def export(self, wanted: EntryFilter) -> AsyncIterator[Entry]:
        """Yield all matching entries with their details, oldest first."""
        last = 0
        while True:
            statement = select(table).where(*wanted.conditions(), _column.number > last)
            found = await self._rows(statement.order_by(_column.number).limit(_EXPORTED_AT_A_TIME))
            for entry in found:
                yield entry
            if not found:
                return
            last = found[-1].number

    async def run_ids(self, wanted: EntryFilter, limit: int, before: int | None = None) -> list[tuple[str, int]]:
        """Return the newest matching runs and the numbers of their first events, oldest first."""
        statement = _runs(wanted).order_by(func.min(_column.number).desc()).limit(limit)
        if before is not None:
            statement = statement.having(func.min(_column.number) < before)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [_run(row) for row in reversed(rows)]

    async def changed_run_ids(self, wanted: EntryFilter, after: int, limit: int) -> list[tuple[str, int]]:
        """Return the matching runs of which something happened since a number, oldest first."""
        newer = replace(wanted, kind="event", state="", text="").conditions()
        touched = select(_column.run_id).where(_column.number > after, *newer)
        statement = _runs(wanted).where(_column.run_id.in_(touched)).order_by(func.min(_column.number)).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [_run(row) for row in rows]

    async def events_of_runs(self, run_ids: Sequence[str]) -> dict[str, list[Entry]]:
        """Return the events of each of the runs, oldest first."""
        statement = select(table).where(_column.kind == "run_event", _column.run_id.in_(run_ids))
        found: dict[str, list[Entry]] = {run_id: [] for run_id in run_ids}
        for entry in await self._rows(statement.order_by(_column.number)):
            found[entry.run_id or ""].append(entry)
        return found

    async def _rows(self, statement: Select[tuple[object, ...]]) -> list[Entry]:
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [_entry(row) for row in rows]


def _notices(after: int, until: int) -> Select[tuple[int | None]]:
    """Select the numbers of the entries that were amended since, up to a number."""
    notices = select(_column.amends).where(_column.number > after, _column.amends.is_not(None))
    return notices.where(_column.number <= until) if until else notices


def _runs(wanted: EntryFilter) -> Select[tuple[object, ...]]:
    """Select the runs of which an event matches; a run's state is that of its end."""
    everywhere = replace(wanted, kind="event", state="")
    statement = select(_column.run_id, func.min(_column.number)).where(*everywhere.conditions())
    statement = statement.where(_column.run_id.is_not(None)).group_by(_column.run_id)
    if not wanted.state:
        return statement
    ended = select(_column.run_id).where(
        _column.kind == "run_event", _column.name.in_(_ENDS.get(wanted.state, _ALL_ENDS))
    )
    is_in = _column.run_id.in_(ended)
    return statement.where(~is_in if wanted.state == "running" else is_in)


def _run(row: Row[tuple[object, ...]]) -> tuple[str, int]:
    return cast("tuple[str, int]", tuple(row))


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(**row._mapping)  # noqa: SLF001  The documented way to a row's names.

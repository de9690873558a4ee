"""How entries become rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, insert, text, update

from app.journal.entry import LOCAL, Entry, State
from app.journal.tables import entries as table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.journal.exchange import Exchange

LONGEST_EVENT: Final = 256 * 1024
_INSERT_MANY = insert(table)
_INSERT_ONE = insert(table).returning(table.c.number)
_WRITERS_LOCK = text("SELECT pg_advisory_xact_lock(7163001)")
_COLUMNS = tuple(name for name in Entry.__slots__ if name != "number")
_STATES: Final[dict[str, State]] = {"failed": "failed", "expired": "failed", "incomplete": "failed", "error": "failed"}


def exchange_entry(
    exchange: Exchange, session_id: str, thread_id: str | None = None, principal: str = LOCAL, number: int = 0
) -> Entry:
    """Return the entry of an API call; `thread_id` is for calls that name no thread."""
    return Entry(
        number=number,
        session_id=session_id,
        kind="exchange",
        data=exchange.as_data(),
        created_at=exchange.began_at,
        thread_id=exchange.thread_id or thread_id,
        run_id=exchange.run_id,
        name=exchange.method[:16],
        state=exchange.state,
        principal=principal,
        detail=exchange.detail.as_text(),
    )


def event_entry(
    name: str,
    detail: str,
    created_at: float,
    *,
    thread_id: str | None,
    run_id: str | None,
    session_id: str = "",
    principal: str = LOCAL,
) -> Entry:
    """Return the entry of an event of a run's stream; an object that is too long is left out."""
    return Entry(
        number=0,
        session_id=session_id,
        kind="run_event",
        data={},
        created_at=created_at,
        thread_id=thread_id,
        run_id=run_id,
        name=name[:64],
        state=_STATES.get(name.rpartition(".")[2], "ok"),
        principal=principal,
        detail=detail if len(detail) <= LONGEST_EVENT else None,
    )


def write_entries(connection: Connection, entries: Sequence[Entry]) -> list[int]:
    """Write the rows in order; return the numbers of those that began something, 0 for the others.

    Numbers must not be committed before smaller ones, or pages would miss those: SQLite has one writer, and with
    PostgreSQL the writers wait for each other.
    """
    _wait_for_turn(connection)
    numbers: list[int] = []
    for way, group in groupby(entries, _way):
        numbers += _WAYS[way](connection, group)
    return numbers


def insert_one(connection: Connection, entry: Entry) -> int:
    """Write one row and return its number."""
    _wait_for_turn(connection)
    (number,) = _insert_each(connection, [entry])
    return number


def _wait_for_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_WRITERS_LOCK)


def _way(entry: Entry) -> str:
    if entry.number:
        return "amend"
    return "one" if entry.state == "running" else "many"


def _insert_many(connection: Connection, entries: Iterable[Entry]) -> list[int]:
    rows = [_values(entry) for entry in entries]
    connection.execute(_INSERT_MANY, rows)
    return [0] * len(rows)


def _insert_each(connection: Connection, entries: Iterable[Entry]) -> list[int]:
    return [connection.execute(_INSERT_ONE, _values(entry)).scalar_one() for entry in entries]


def _amend(connection: Connection, entries: Iterable[Entry]) -> list[int]:
    """Put the new rows in the places of the old ones, and say so to those who are past them."""
    numbers: list[int] = []
    for entry in entries:
        connection.execute(update(table).where(table.c.number == entry.number), _values(entry))
        notice = replace(entry, number=0, data={}, detail=None, amends=entry.number)
        connection.execute(_INSERT_MANY, _values(notice))
        numbers.append(entry.number)
    return numbers


_WAYS = {"many": _insert_many, "one": _insert_each, "amend": _amend}


def _values(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in _COLUMNS}

"""The titles that people gave to threads on the page; a thread without one is called by its first message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select

from app.journal import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from app.database import Database

_TITLES = tables.thread_titles.c


class Titles:
    """The titles in the database, by connection and thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set(self, connection: str, thread_id: str, title: str) -> None:
        """Call the thread so from now on; an empty title gives back that of its first message."""

        def write(unit: Connection) -> None:
            unit.execute(delete(tables.thread_titles).where(_of(connection, thread_id)))
            if title:
                values = {"connection": connection, "thread_id": thread_id, "title": title}
                unit.execute(insert(tables.thread_titles), values)

        await self._database.write(write)

    async def of_threads(self, connection: str, thread_ids: Sequence[str]) -> dict[str, str]:
        """Return the titles of those of the threads that have one."""
        return await self._where(and_(_TITLES.connection == connection, _TITLES.thread_id.in_(thread_ids)), None)

    async def search(self, connection: str, text: str, limit: int) -> dict[str, str]:
        """Return threads whose title holds the text."""
        holds = _TITLES.title.icontains(text, autoescape=True)
        return await self._where(and_(_TITLES.connection == connection, holds), limit)

    async def _where(self, condition: ColumnElement[bool], limit: int | None) -> dict[str, str]:
        statement = select(_TITLES.thread_id, _TITLES.title).where(condition).limit(limit)
        rows = await self._database.read(lambda unit: unit.execute(statement).all())
        return {row.thread_id: row.title for row in rows}


def _of(connection: str, thread_id: str) -> ColumnElement[bool]:
    return and_(_TITLES.connection == connection, _TITLES.thread_id == thread_id)

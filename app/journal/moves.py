"""What was moved already: the new id of each object, by whom and from where, so that a move can be gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select

from app.journal import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Connection

    from app.clock import Clock
    from app.database import Database

_MOVED = tables.moved_objects.c


class Moves:
    """The table of moved objects; each call is for the person whom `whose` names at that time."""

    def __init__(self, database: Database, clock: Clock, whose: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock
        self._whose = whose

    async def find(self, connection: str, kind: str, old_id: str) -> tuple[str, bool] | None:
        """Return the object's new id and whether all of it is there; None where it was not begun."""
        statement = select(_MOVED.new_id, _MOVED.is_whole).where(self._is(connection, kind, old_id))
        row = await self._database.read(lambda unit: unit.execute(statement).first())
        return None if row is None else (row.new_id, row.is_whole)

    async def note(self, connection: str, kind: str, old_id: str, new_id: str, *, is_whole: bool = True) -> None:
        """Remember the object's new id, in place of an earlier one."""
        where = self._is(connection, kind, old_id)
        row = {
            "owner_id": self._whose(),
            "connection": connection,
            "kind": kind,
            "old_id": old_id,
            "new_id": new_id,
            "is_whole": is_whole,
            "moved_at": self._clock.now(),
        }

        def put(unit: Connection) -> None:
            unit.execute(delete(tables.moved_objects).where(where))
            unit.execute(insert(tables.moved_objects), row)

        await self._database.write(put)

    def _is(self, connection: str, kind: str, old_id: str) -> ColumnElement[bool]:
        return and_(
            _MOVED.owner_id == self._whose(),
            _MOVED.connection == connection,
            _MOVED.kind == kind,
            _MOVED.old_id == old_id,
        )

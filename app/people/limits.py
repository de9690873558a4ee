"""Limits that owners set: for everybody, and other ones for somebody."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from app.database import Database
from app.errors import NotFound
from app.limits import Limits
from app.people.tables import people, person_limits

FOR_ALL: Final = ""
"""Under this id stands what holds for all who have no limits of their own."""

_COLUMNS = tuple(person_limits.c[each.name] for each in fields(Limits))
_OF = select(person_limits.c.person_id, *_COLUMNS).where(person_limits.c.person_id.in_((bindparam("person"), FOR_ALL)))


class KeptLimits:
    """The limits in the database; `default` holds for everybody until an owner says otherwise."""

    def __init__(self, database: Database, default: Limits) -> None:
        self._database = database
        self.default = default

    def of(self, connection: Connection, person_id: str | None) -> Limits:
        """Return what holds for somebody now, inside a unit of work."""
        kept = {row.person_id: row for row in connection.execute(_OF, {"person": person_id or FOR_ALL})}
        row = kept.get(person_id) or kept.get(FOR_ALL)
        return self.default if row is None else _limits(row)

    async def all(self) -> dict[str, Limits]:
        """Return what was set, by the ids of people; under `FOR_ALL` what holds for the others."""
        query = select(person_limits.c.person_id, *_COLUMNS)
        rows = await self._database.read(lambda unit: unit.execute(query).all())
        return {row.person_id: _limits(row) for row in rows}

    async def set(self, person_id: str, limits: Limits) -> None:
        """Let other limits hold from now on; raises `NotFound` where the person is not here."""

        def put(unit: Connection) -> None:
            known = select(people.c.id).where(people.c.id == person_id)
            if person_id != FOR_ALL and unit.execute(known).first() is None:
                raise NotFound("This person is not here any more.")
            unit.execute(delete(person_limits).where(person_limits.c.person_id == person_id))
            unit.execute(insert(person_limits), {**asdict(limits), "person_id": person_id})

        await self._database.write(put)

    async def clear(self, person_id: str) -> None:
        """Forget what was set: the limits for everybody hold again, or those of the settings."""
        statement = delete(person_limits).where(person_limits.c.person_id == person_id)
        await self._database.write(lambda unit: unit.execute(statement))


def _limits(row: Row[Any]) -> Limits:
    return Limits(*(getattr(row, each.name) for each in fields(Limits)))

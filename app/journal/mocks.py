"""Outputs that were kept as mocks of functions, and which functions are answered by them without asking."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select, update

from app.errors import NotFound
from app.journal import tables
from app.journal.entry import LOCAL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import ColumnElement

    from app.clock import Clock
    from app.database import Database

_TABLE = tables.mock_outputs
_COLUMNS = (_TABLE.c.id, _TABLE.c.function, _TABLE.c.conditions, _TABLE.c.output)


@dataclass(frozen=True, slots=True)
class Condition:
    """What an argument must be for a mock to fit; `value` is JSON, or plain text."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Mock:
    """An output of a function, for calls whose arguments meet all conditions."""

    id: str
    function: str
    conditions: tuple[Condition, ...]
    output: str


class Mocks:
    """The mocks in the database, each function's in the order that was chosen; each call is for who `whose` names."""

    def __init__(self, database: Database, clock: Clock, whose: Callable[[], str] = lambda: LOCAL) -> None:
        self._database = database
        self._clock = clock
        self._whose = whose

    async def of(self, functions: Collection[str]) -> list[Mock]:
        """Return the mocks of these functions."""
        statement = select(*_COLUMNS).where(_TABLE.c.function.in_(functions), self._is_own())
        statement = statement.order_by(_TABLE.c.place, _TABLE.c.id)
        found = await self._database.read(lambda unit: unit.execute(statement).all())
        return [_mock(*row) for row in found]

    async def get(self, mock_id: str) -> Mock:
        """Return one mock, or raise `NotFound`."""
        statement = select(*_COLUMNS).where(_TABLE.c.id == mock_id, self._is_own())
        found = await self._database.read(lambda unit: unit.execute(statement).first())
        if found is None:
            raise NotFound("This mock is gone. It may have been deleted on another page.")
        return _mock(*found)

    async def add(self, function: str, conditions: Collection[Condition], output: str) -> Mock:
        """Keep a new mock, behind the function's others."""
        mock = Mock("mock_" + secrets.token_urlsafe(12), function, tuple(conditions), output)
        last = select(func.coalesce(func.max(_TABLE.c.place), 0)).where(_TABLE.c.function == function)
        values = {**asdict(mock), "owner_id": self._whose(), "created_at": self._clock.now()}

        def put(unit: Connection) -> None:
            place = unit.execute(last).scalar_one() + 1
            unit.execute(insert(_TABLE), {**values, "place": place})

        await self._database.write(put)
        return mock

    async def change(self, mock_id: str, conditions: Collection[Condition], output: str) -> None:
        """Give a mock other conditions and another output."""
        values = {"conditions": [asdict(condition) for condition in conditions], "output": output}
        statement = update(_TABLE).where(_TABLE.c.id == mock_id, self._is_own()).values(**values)
        if not await self._database.write(lambda unit: unit.execute(statement).rowcount):
            await self.get(mock_id)

    async def delete(self, mock_id: str) -> None:
        """Delete a mock; one that is gone already is no error."""
        statement = delete(_TABLE).where(_TABLE.c.id == mock_id, self._is_own())
        await self._database.write(lambda unit: unit.execute(statement))

    async def move(self, mock_id: str, steps: int) -> None:
        """Move a mock down in its function's order, or up by a negative number."""
        mock = await self.get(mock_id)
        ids = [each.id for each in await self.of([mock.function])]
        place = max(0, ids.index(mock_id) + steps)
        ids.remove(mock_id)
        ids.insert(place, mock_id)
        await self._database.write(lambda unit: _number(unit, ids))

    async def automatic(self, functions: Collection[str]) -> set[str]:
        """Return those of the functions that mocks answer without asking."""
        table = tables.mocked_functions
        statement = select(table.c.name).where(
            table.c.owner_id == self._whose(), table.c.name.in_(functions), table.c.is_automatic
        )
        return set(await self._database.read(lambda unit: unit.execute(statement).scalars().all()))

    async def set_automatic(self, function: str, *, is_automatic: bool) -> None:
        """Choose whether mocks answer a function without asking."""
        table, owner_id = tables.mocked_functions, self._whose()

        def put(unit: Connection) -> None:
            unit.execute(delete(table).where(table.c.owner_id == owner_id, table.c.name == function))
            unit.execute(insert(table), {"owner_id": owner_id, "name": function, "is_automatic": is_automatic})

        await self._database.write(put)

    def _is_own(self) -> ColumnElement[bool]:
        return _TABLE.c.owner_id == self._whose()


def _mock(mock_id: str, function: str, conditions: list[dict[str, str]], output: str) -> Mock:
    return Mock(mock_id, function, tuple(Condition(**condition) for condition in conditions), output)


def _number(unit: Connection, ids: list[str]) -> None:
    for place, mock_id in enumerate(ids):
        unit.execute(update(_TABLE).where(_TABLE.c.id == mock_id).values(place=place))

"""Outputs that were kept as mocks of functions, and which functions are answered by them without asking."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from app.errors import Forbidden, NotFound
from app.journal import tables
from app.journal.entry import LOCAL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import ColumnElement, Row

    from app.clock import Clock
    from app.database import Database

_TABLE = tables.mock_outputs
_COLUMNS = (_TABLE.c.id, _TABLE.c.function, _TABLE.c.conditions, _TABLE.c.output, _TABLE.c.is_shared, _TABLE.c.owner_id)


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
    is_shared: bool = False
    is_own: bool = True
    owner_id: str = LOCAL


class Mocks:
    """The mocks in the database, each function's in the order that was chosen; each call is for who `whose` names."""

    def __init__(self, database: Database, clock: Clock, whose: Callable[[], str] = lambda: LOCAL) -> None:
        self._database = database
        self._clock = clock
        self._whose = whose

    async def of(self, functions: Collection[str]) -> list[Mock]:
        """Return the mocks of these functions, one's own before those that others share."""
        statement = select(*_COLUMNS).where(_TABLE.c.function.in_(functions), or_(self._is_own(), _TABLE.c.is_shared))
        statement = statement.order_by(_TABLE.c.place, _TABLE.c.id)
        found = await self._database.read(lambda unit: unit.execute(statement).all())
        return sorted((self._mock(row) for row in found), key=lambda mock: not mock.is_own)

    async def get(self, mock_id: str) -> Mock:
        """Return one mock, or raise `NotFound`."""
        statement = select(*_COLUMNS).where(_TABLE.c.id == mock_id, or_(self._is_own(), _TABLE.c.is_shared))
        found = await self._database.read(lambda unit: unit.execute(statement).first())
        if found is None:
            raise NotFound("This mock is gone. It may have been deleted on another page.")
        return self._mock(found)

    async def add(self, function: str, conditions: Collection[Condition], output: str) -> Mock:
        """Keep a new mock, behind the function's others."""
        mock_id, owner_id = "mock_" + secrets.token_urlsafe(12), self._whose()
        mock = Mock(mock_id, function, tuple(conditions), output, owner_id=owner_id)
        last = select(func.coalesce(func.max(_TABLE.c.place), 0)).where(_TABLE.c.function == function)
        kept = {
            "id": mock.id,
            "function": function,
            "conditions": [asdict(one) for one in conditions],
            "output": output,
        }
        values = {**kept, "owner_id": owner_id, "created_at": self._clock.now()}

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
            await self._own(mock_id)

    async def share(self, mock_id: str, *, is_shared: bool) -> None:
        """Let everybody use one's own mock, or nobody else."""
        await self._own(mock_id)
        statement = update(_TABLE).where(_TABLE.c.id == mock_id, self._is_own()).values(is_shared=is_shared)
        await self._database.write(lambda unit: unit.execute(statement))

    async def delete(self, mock_id: str) -> None:
        """Delete a mock; one that is gone already is no error."""
        statement = delete(_TABLE).where(_TABLE.c.id == mock_id, self._is_own())
        await self._database.write(lambda unit: unit.execute(statement))

    async def move(self, mock_id: str, steps: int) -> None:
        """Move a mock down in its function's order, or up by a negative number."""
        mock = await self._own(mock_id)
        ids = [each.id for each in await self.of([mock.function]) if each.is_own]
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

    async def _own(self, mock_id: str) -> Mock:
        """Return one's own mock; raises `NotFound`, and `Forbidden` for what somebody else shares."""
        mock = await self.get(mock_id)
        if not mock.is_own:
            raise Forbidden("This mock is shared by somebody else. Make one of your own to change it.")
        return mock

    def _mock(self, row: Row[Any, Any, Any, Any, Any, Any]) -> Mock:
        conditions = tuple(Condition(**condition) for condition in row.conditions)
        is_own = row.owner_id == self._whose()
        return Mock(row.id, row.function, conditions, row.output, row.is_shared, is_own, row.owner_id)

    def _is_own(self) -> ColumnElement[bool]:
        return _TABLE.c.owner_id == self._whose()


def _number(unit: Connection, ids: list[str]) -> None:
    for place, mock_id in enumerate(ids):
        unit.execute(update(_TABLE).where(_TABLE.c.id == mock_id).values(place=place))

"""What was typed as the output of a function call, which outputs are mocks, and which runs the page began."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from app.journal import tables

if TYPE_CHECKING:
    from app.clock import Clock
    from app.database import Database

_TABLE = tables.call_outputs
_COLUMNS = (_TABLE.c.call_id, _TABLE.c.run_id, _TABLE.c.text, _TABLE.c.is_mocked)


@dataclass(frozen=True, slots=True)
class CallOutput:
    """The text for one call, submitted or not; `is_mocked` when it was submitted as it is in a mock."""

    call_id: str
    run_id: str
    text: str
    is_mocked: bool = False


class CallOutputs:
    """The texts in the database; they outlive their runs, so that nothing typed is lost."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, outputs: Collection[CallOutput]) -> None:
        """Put these texts in the places of those that are kept for their calls."""
        now = self._clock.now()
        values = [{**{name: getattr(each, name) for name in each.__slots__}, "written_at": now} for each in outputs]

        def put(unit: Connection) -> None:
            unit.execute(delete(_TABLE).where(_TABLE.c.call_id.in_([each.call_id for each in outputs])))
            unit.execute(insert(_TABLE), values)

        if values:
            await self._database.write(put)

    async def of_runs(self, run_ids: Collection[str]) -> dict[str, CallOutput]:
        """Return what is kept for the calls of these runs, by the calls' ids."""
        statement = select(*_COLUMNS).where(_TABLE.c.run_id.in_(run_ids))
        found = await self._database.read(lambda unit: unit.execute(statement).all())
        return {row[0]: CallOutput(*row) for row in found}

    async def claim_run(self, run_id: str, session_id: str) -> None:
        """Remember that a chat session of the page began this run."""
        values = {"id": run_id, "session_id": session_id, "begun_at": self._clock.now()}

        def put(unit: Connection) -> None:
            unit.execute(delete(tables.page_runs).where(tables.page_runs.c.id == run_id))
            unit.execute(insert(tables.page_runs), values)

        await self._database.write(put)

    async def own_runs(self, run_ids: Collection[str]) -> set[str]:
        """Return those of the runs that the page began."""
        statement = select(tables.page_runs.c.id).where(tables.page_runs.c.id.in_(run_ids))
        return set(await self._database.read(lambda unit: unit.execute(statement).scalars().all()))

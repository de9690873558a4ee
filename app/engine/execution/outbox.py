"""What a run has to say: rows to write and events to publish, in one transaction and in one order."""

from __future__ import annotations

from collections.abc import Callable

import anyio
from sqlalchemy import Connection, select

from app.engine.engine import Engine
from app.engine.store import tables
from app.wire.events import StreamEvent

Unit = Callable[[Connection], None]


class LostLeaseError(Exception):
    """The run belongs to another worker now, or is gone with its thread; nothing more may be written for it."""


class Outbox:
    """Collects units of work and events; `flush` commits the units together, then publishes the events."""

    def __init__(self, engine: Engine, run_id: str, fence: int) -> None:
        self._engine = engine
        self._run_id = run_id
        self._fence = fence
        self._units: list[Unit] = []
        self._events: list[StreamEvent] = []

    def write(self, unit: Unit) -> None:
        """Queue a unit of work."""
        self._units.append(unit)

    def tell(self, *events: StreamEvent) -> None:
        """Queue events that may be seen once everything queued before is committed."""
        self._events.extend(events)

    async def flush(self) -> None:
        """Commit and publish what is queued; raises `LostLeaseError` when the run is not ours any more."""
        units, events = self._units, self._events
        self._units, self._events = [], []
        if units:
            with anyio.CancelScope(shield=True):  # A run that is stopped meanwhile knows what is stored.
                await self._engine.database.write(lambda connection: self._commit(connection, units))
        self.publish(*events)

    def publish(self, *events: StreamEvent) -> None:
        """Publish events that need no row, such as deltas."""
        self._engine.hub.stream(self._run_id).publish(*events)

    def _commit(self, connection: Connection, units: list[Unit]) -> None:
        query = select(tables.runs.c.fence).where(tables.runs.c.id == self._run_id)
        if connection.execute(query).scalar_one_or_none() != self._fence:
            raise LostLeaseError(self._run_id)
        for unit in units:
            unit(connection)

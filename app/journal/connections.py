"""The connections that owners make on the page, in the database; their keys are sealed before they come here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from app.errors import InvalidRequest
from app.journal import tables

if TYPE_CHECKING:
    from app.clock import Clock
    from app.database import Database

_CONNECTIONS = tables.connections.c


@dataclass(frozen=True, slots=True)
class KeptConnection:
    """A row: what the connection is, without what opens it."""

    name: str
    values: dict[str, Any]
    sealed_key: str | None
    serves_models: bool = False
    """Whether its key is a model provider of the engine too."""


class KeptConnections:
    """The table of connections."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(self) -> list[KeptConnection]:
        """Return all connections in the order in which they were made."""
        wanted = (_CONNECTIONS.name, _CONNECTIONS["values"], _CONNECTIONS.sealed_key, _CONNECTIONS.serves_models)
        statement = select(*wanted).order_by(_CONNECTIONS.created_at, _CONNECTIONS.name)
        rows = await self._database.read(lambda unit: unit.execute(statement).all())
        return [KeptConnection(*row) for row in rows]

    async def add(self, kept: KeptConnection) -> None:
        """Keep a connection; raises `InvalidRequest` where the name is taken."""
        row = {name: getattr(kept, name) for name in kept.__slots__} | {"created_at": self._clock.now()}
        taken = select(_CONNECTIONS.name).where(_CONNECTIONS.name == kept.name)
        if await self._database.read(lambda unit: unit.execute(taken).first()):
            raise InvalidRequest(f"There is a connection named '{kept.name}' already.", param="name")
        await self._database.write(lambda unit: unit.execute(insert(tables.connections), row))

    async def set_serves_models(self, name: str, values: dict[str, Any]) -> None:
        """Remember that the engine may use the connection's models, and which deployments."""
        change = update(tables.connections).where(_CONNECTIONS.name == name)
        change = change.values({"serves_models": True, "values": values})
        await self._database.write(lambda unit: unit.execute(change))

    async def remove(self, name: str) -> None:
        """Forget a connection and its key."""
        await self._database.write(
            lambda unit: unit.execute(delete(tables.connections).where(_CONNECTIONS.name == name))
        )

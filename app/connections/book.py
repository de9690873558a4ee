"""All connections of the server: the engine's, those that settings name, and those that owners make on the page."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from app.connections.connection import Connection, checked
from app.errors import AppError, InvalidRequest
from app.journal.connections import KeptConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.connections.clients import Connections
    from app.connections.vault import Vault
    from app.journal.connections import KeptConnections

_LOG = logging.getLogger(__name__)
_KEPT: Final = (
    "kind",
    "base_url",
    "api_version",
    "organization",
    "project",
    "cloud",
    "client_id",
    "token_scope",
    "deployments",
)


class ConnectionBook:
    """Keeps what owners make, and lets the engine use a connection's models."""

    def __init__(
        self,
        connections: Connections,
        kept: KeptConnections,
        vault: Vault,
        serve_models: Callable[[Connection], None],
    ) -> None:
        self.connections = connections
        self._kept = kept
        self._vault = vault
        self._serve_models = serve_models

    async def load(self) -> None:
        """Offer the connections that were kept; one that can't be read is left out and logged."""
        for row in await self._kept.list():
            try:
                connection = self._read(row)
                self.connections.add(connection)
                if row.serves_models:
                    self._serve_models(connection)
            except AppError as error:
                _LOG.warning("The connection '%s' is left out: %s", row.name, error.message)

    async def make(self, connection: Connection) -> Connection:
        """Keep a new connection and offer it; raises `InvalidRequest` with the field in `param`."""
        made = checked(replace(connection, is_fixed=False))
        if made.name in self.connections.names:
            raise InvalidRequest(f"There is a connection named '{made.name}' already.", param="name")
        sealed = self._vault.seal(made.api_key) if made.api_key else None
        values = {name: value for name, value in asdict(made).items() if name in _KEPT}
        await self._kept.add(KeptConnection(made.name, values, sealed))
        self.connections.add(made)
        return made

    async def remove(self, name: str) -> None:
        """Forget a connection that was made on the page; raises `InvalidRequest` for one that settings name."""
        if self.connections.get(name).is_fixed:
            raise InvalidRequest(f"'{name}' is named in the server's settings. Remove it there.")
        await self._kept.remove(name)
        await self.connections.remove(name)

    async def serve_models(self, name: str, deployments: Sequence[str]) -> None:
        """Let the engine use the service's models with the same key, also after a restart where the page made it."""
        connection = self.connections.get(name)
        if connection.kind not in {"azure", "openai", "compatible"}:
            raise InvalidRequest("The engine can't use the models of this service.")
        wanted = replace(connection, deployments=tuple(deployments) or connection.deployments)
        if wanted.kind == "azure" and not wanted.deployments:
            raise InvalidRequest("Name the deployments that the engine may use.", param="deployments")
        self._serve_models(wanted)
        if not connection.is_fixed:
            values: dict[str, Any] = {field: value for field, value in asdict(wanted).items() if field in _KEPT}
            await self._kept.set_serves_models(name, values)

    def _read(self, row: KeptConnection) -> Connection:
        key = self._vault.unseal(row.sealed_key) if row.sealed_key else None
        values = {**row.values, "deployments": tuple(row.values.get("deployments", ()))}
        return checked(Connection(row.name, api_key=key, is_fixed=False, **values))

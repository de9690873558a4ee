"""Named connections and their SDK clients; every call of a client passes the wire log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import httpx2
from openai import AsyncAzureOpenAI, AsyncOpenAI

from app.connections.transport import InProcessTransport
from app.connections.wirelog import WireLogTransport
from app.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp

_TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Connection:
    """A service that speaks the Assistants API; with an `api_version` it is spoken to in Azure's dialect."""

    name: str
    kind: Literal["engine"]
    base_url: str
    api_version: str | None = None
    has_extensions: bool = True
    """Whether it lists and forks threads and edits messages, as our own API does."""


BUILT_IN = Connection("Built-in engine", kind="engine", base_url="http://localhost", api_version="2024-05-01-preview")


class Connections:
    """The connections on offer, each with one client for the whole process."""

    def __init__(self, connections: Sequence[Connection], *, engine_app: ASGIApp, principal: str = "local") -> None:
        self._with_extensions = {connection.name for connection in connections if connection.has_extensions}
        self._clients = {
            connection.name: _client(connection, InProcessTransport(engine_app, principal))
            for connection in connections
        }

    @property
    def names(self) -> list[str]:
        """The connections' names, in the order in which they are offered."""
        return list(self._clients)

    def client(self, name: str) -> AsyncOpenAI:
        """Return the client of the connection of that name, or raise `NotFound`."""
        if name not in self._clients:
            raise NotFound(f"There is no connection '{name}'. There are: {', '.join(self._clients)}.")
        return self._clients[name]

    def has_extensions(self, name: str) -> bool:
        """Whether the connection of that name understands what our API adds."""
        return name in self._with_extensions

    async def aclose(self) -> None:
        """Close every client and end the calls that still run."""
        for client in self._clients.values():
            await client.close()


def _client(connection: Connection, transport: httpx2.AsyncBaseTransport) -> AsyncOpenAI:
    http_client = httpx2.AsyncClient(
        transport=WireLogTransport(transport),
        headers={"accept-encoding": "identity"},  # The wire log reads the bodies.
        timeout=_TIMEOUT_SECONDS,
        trust_env=False,
    )
    # Not retried: a second POST could begin a second run, and the page shows the first failure.
    if connection.api_version is None:
        return AsyncOpenAI(
            base_url=f"{connection.base_url}/v1", api_key="in-process", http_client=http_client, max_retries=0
        )
    return AsyncAzureOpenAI(
        azure_endpoint=connection.base_url,
        api_version=connection.api_version,
        api_key="in-process",
        http_client=http_client,
        max_retries=0,
    )

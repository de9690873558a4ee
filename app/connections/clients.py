"""Named connections and their SDK clients; every call of a client passes the wire log."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
from openai import AsyncAzureOpenAI, AsyncOpenAI

from app.connections.abilities import Abilities, learn_abilities, presumed
from app.connections.answers import ShapesTransport
from app.connections.connection import with_defaults
from app.connections.entra import entra_auth
from app.connections.remote import RemoteTransport
from app.connections.transport import InProcessTransport
from app.connections.wirelog import WireLogTransport
from app.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp

    from app.connections.connection import Connection

_TIMEOUT_SECONDS: Final = 600.0
_REMOTE_TIMEOUT: Final = httpx2.Timeout(180.0, connect=10.0)
_NO_KEY: Final = "none"
_ASK_AGAIN_SECONDS: Final = 60.0


@dataclass(slots=True)
class _Line:
    """A connection with its client, and what is known of the service."""

    connection: Connection
    client: AsyncOpenAI
    abilities: Abilities
    asked_at: float | None = None
    is_known: bool = False


class Connections:
    """The connections on offer, each with one client for the whole process."""

    def __init__(self, connections: Sequence[Connection], *, engine_app: ASGIApp, principal: str = "local") -> None:
        self._engine_app = engine_app
        self._principal = principal
        self._lines: dict[str, _Line] = {}
        for connection in connections:
            self.add(connection)

    @property
    def names(self) -> list[str]:
        """The connections' names, in the order in which they are offered."""
        return list(self._lines)

    @property
    def all(self) -> list[Connection]:
        """The connections, in the order in which they are offered."""
        return [line.connection for line in self._lines.values()]

    def get(self, name: str) -> Connection:
        """Return the connection of that name, or raise `NotFound`."""
        return self._line(name).connection

    def client(self, name: str) -> AsyncOpenAI:
        """Return the client of the connection of that name, or raise `NotFound`."""
        return self._line(name).client

    def abilities(self, name: str) -> Abilities:
        """Return what the service of the connection is known or presumed to do."""
        return self._line(name).abilities

    async def learn(self, name: str, *, is_urgent: bool = False) -> Abilities:
        """Find out once what the service does; while it does not answer it is asked again each minute."""
        line = self._line(name)
        is_due = line.asked_at is None or time.monotonic() - line.asked_at > _ASK_AGAIN_SECONDS
        if is_urgent or (not line.is_known and is_due):
            line.asked_at = time.monotonic()
            learned = await learn_abilities(line.client, line.connection)
            line.is_known = learned is not None
            line.abilities = learned or line.abilities
        return line.abilities

    def add(self, connection: Connection) -> None:
        """Offer one more connection; raises `InvalidRequest` where its name is taken."""
        if connection.name in self._lines:
            message = f"There is a connection named '{connection.name}' already."
            raise InvalidRequest(message, param="name")
        self._lines[connection.name] = _Line(
            connection, self.open(connection), presumed(connection), is_known=not connection.is_remote
        )

    def open(self, connection: Connection) -> AsyncOpenAI:
        """Make a client of a connection that need not be offered; the caller closes it."""
        if connection.is_remote:
            return _remote_client(connection)
        return _engine_client(connection, InProcessTransport(self._engine_app, self._principal))

    async def remove(self, name: str) -> None:
        """Offer the connection no longer, and end the calls that still run."""
        line = self._line(name)
        del self._lines[name]
        await line.client.close()

    async def replace(self, connection: Connection) -> None:
        """Go on with other values under the same name."""
        old = self._line(connection.name)
        self._lines[connection.name] = _Line(connection, self.open(connection), presumed(connection))
        await old.client.close()

    async def aclose(self) -> None:
        """Close every client and end the calls that still run."""
        for line in self._lines.values():
            await line.client.close()

    def _line(self, name: str) -> _Line:
        if name not in self._lines:
            raise NotFound(f"There is no connection '{name}'. There are: {', '.join(self._lines)}.")
        return self._lines[name]


def _engine_client(connection: Connection, transport: httpx2.AsyncBaseTransport) -> AsyncOpenAI:
    http_client = httpx2.AsyncClient(
        transport=WireLogTransport(transport),
        headers={"accept-encoding": "identity"},  # The wire log reads the bodies.
        timeout=_TIMEOUT_SECONDS,
        trust_env=False,
    )
    keyed = replace(connection, api_key="in-process")
    if connection.api_version is None:
        return _plain_client(keyed, http_client, f"{connection.base_url}/v1")
    return _azure_client(keyed, http_client, connection.base_url, connection.api_version)


def _remote_client(connection: Connection) -> AsyncOpenAI:
    network = RemoteTransport(httpx2.AsyncHTTPTransport(proxy=_proxy(connection.base_url)))
    http_client = httpx2.AsyncClient(
        transport=ShapesTransport(WireLogTransport(network)),
        auth=entra_auth(connection) if connection.uses_entra else None,
        headers={"accept-encoding": "identity"},
        timeout=_REMOTE_TIMEOUT,
        trust_env=False,
    )
    base_url, api_version = with_defaults(connection)
    if connection.kind == "foundry":
        return _plain_client(connection, http_client, base_url, {"api-version": api_version or ""})
    if api_version is not None:
        return _azure_client(connection, http_client, base_url, api_version)
    return _plain_client(connection, http_client, base_url)


def _proxy(url: str) -> str | None:
    """Return the proxy that the environment names for the address."""
    address = urlsplit(url)
    return None if proxy_bypass(address.hostname or "") else getproxies().get(address.scheme)


# Not retried: a second POST could begin a second run, and the page shows the first failure.
def _plain_client(
    connection: Connection, http_client: httpx2.AsyncClient, base_url: str, query: dict[str, object] | None = None
) -> AsyncOpenAI:
    return AsyncOpenAI(
        base_url=base_url,
        api_key=connection.api_key or _NO_KEY,
        organization=connection.organization,
        project=connection.project,
        default_query=query,
        http_client=http_client,
        max_retries=0,
    )


def _azure_client(
    connection: Connection, http_client: httpx2.AsyncClient, endpoint: str, api_version: str
) -> AsyncAzureOpenAI:
    return AsyncAzureOpenAI(
        azure_endpoint=endpoint,
        api_version=api_version,
        api_key=connection.api_key or _NO_KEY,
        http_client=http_client,
        max_retries=0,
    )

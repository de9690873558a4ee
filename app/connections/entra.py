"""Tokens of Entra ID for a connection's calls: asked for when needed, renewed before they expire and when refused."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import anyio
import httpx2
from anyio import to_thread

from app.connections.connection import AUTHORITIES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from azure.core.credentials import AccessToken
    from azure.identity import DefaultAzureCredential

    from app.connections.connection import Connection

_EARLY_SECONDS: Final = 300
_PATIENCE_SECONDS: Final = 40.0
_UNAUTHORIZED: Final = 401


class NoTokenError(httpx2.RequestError):
    """No credential of this machine gives a token for the service."""


class Tokens:
    """The token of one connection; `make` builds the credential, which looks for a sign-in of this machine."""

    def __init__(self, make: Callable[[], DefaultAzureCredential], scope: str) -> None:
        self._make = make
        self._scope = scope
        self._token: AccessToken | None = None
        self._lock = anyio.Lock()

    async def current(self) -> str:
        """Return a token that is good for five minutes at least; raises `NoTokenError`."""
        async with self._lock:
            if self._token is None or self._token.expires_on < time.time() + _EARLY_SECONDS:
                self._token = await self._ask()
            return self._token.token

    async def instead_of(self, refused: str) -> str:
        """Return a new token for one that the service refused, though it looked good."""
        async with self._lock:
            if self._token is None or self._token.token == refused:
                self._token = await self._ask()
            return self._token.token

    async def _ask(self) -> AccessToken:
        # Only who needs it pays for it: a third of a second and 10 MB.
        from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415

        try:
            with anyio.fail_after(_PATIENCE_SECONDS):
                return await to_thread.run_sync(self._get_token, abandon_on_cancel=True)
        except (ClientAuthenticationError, TimeoutError, ValueError) as error:
            first_line = str(error).strip().partition("\n")[0]
            raise NoTokenError(first_line or "Nobody answered in time.") from error

    def _get_token(self) -> AccessToken:
        with self._make() as credential:  # A new one each time: an old one would repeat the token that was refused.
            return credential.get_token(self._scope)


class EntraAuth(httpx2.Auth):
    """Sends a token with each request; a refused one is replaced once, unless the body has flowed away."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send the request, and once more with a new token where the first one is refused."""
        token = await self._tokens.current()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == _UNAUTHORIZED and _is_held(request):
            request.headers["Authorization"] = f"Bearer {await self._tokens.instead_of(token)}"
            yield request


def entra_auth(connection: Connection) -> EntraAuth:
    """Return what signs the connection's requests, in its cloud and with its identity."""

    def make() -> DefaultAzureCredential:
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415  See above.

        authority = AUTHORITIES[connection.cloud]
        if connection.client_id:
            return DefaultAzureCredential(authority=authority, managed_identity_client_id=connection.client_id)
        return DefaultAzureCredential(authority=authority)

    return EntraAuth(Tokens(make, connection.scope))


def _is_held(request: httpx2.Request) -> bool:
    try:
        return request.content is not None
    except httpx2.RequestNotRead:
        return False

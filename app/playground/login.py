"""The page's lock where others can reach the server: one of the server's keys as password (HTTP Basic, RFC 7617)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_OPEN_PATHS = frozenset({"/health"})


class KeyLogin:
    """Lets in who gives one of `keys` as password; the user name does not matter."""

    def __init__(self, app: ASGIApp, keys: Sequence[str]) -> None:
        self._app = app
        self._keys = [key.encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["path"] in _OPEN_PATHS or self._is_known(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        response = PlainTextResponse(
            "Sign in with any user name and one of this server's PLAYGROUND_API_KEYS as password.",
            401,
            {"www-authenticate": 'Basic realm="Assistants Playground", charset="UTF-8"'},
        )
        await response(scope, receive, send)

    def _is_known(self, headers: Headers) -> bool:
        given = _password(headers.get("authorization", ""))
        return sum(hmac.compare_digest(given, key) for key in self._keys) > 0


def _password(header: str) -> bytes:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""

"""Middleware that keeps other sites out: security headers, checks of `Host` and of a request's origin."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse

from app.errors import AppError, Forbidden
from app.playground.csp import CONTENT_SECURITY_POLICY

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OWN_SITE: Final = frozenset({"same-origin", "none"})
_OWN_NAMES: Final = frozenset({"localhost"})
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def secured(app: ASGIApp, *, host_names: Collection[str], api_prefixes: Collection[str]) -> ASGIApp:
    """Wrap the whole application; refusals are JSON below `api_prefixes` and text elsewhere."""
    return SecurityHeaders(OriginCheck(app, host_names=host_names, api_prefixes=api_prefixes))


class SecurityHeaders:
    """Adds the security headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_secured if scope["type"] == "http" else send)


class OriginCheck:
    """Refuses foreign host names (DNS rebinding) and changes that another site's page asks for (CSRF)."""

    def __init__(self, app: ASGIApp, *, host_names: Collection[str], api_prefixes: Collection[str]) -> None:
        self._app = app
        self._host_names = _OWN_NAMES | {name.lower() for name in host_names}
        self._api_prefixes = tuple(f"{prefix.rstrip('/')}/" for prefix in api_prefixes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except Forbidden as error:
            await self._refusal(scope, error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_own_name(host):
            raise Forbidden(f"This server does not go by the name '{host}'. Add it to ALLOWED_HOSTS to allow it.")
        if scope["method"] not in _SAFE_METHODS and not _is_same_origin(headers, host):
            raise Forbidden("This request came from another site's page, so it was refused.")

    def _is_own_name(self, host: str) -> bool:
        """Tell whether the name is known, or an address: those cannot be rebound."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._host_names or _is_address(name)

    def _refusal(self, scope: Scope, error: AppError) -> Response:
        if not f"{scope['path']}/".startswith(self._api_prefixes):
            return PlainTextResponse(error.message, error.status)
        body = {"message": error.message, "type": error.kind, "param": None, "code": error.code}
        return JSONResponse({"error": body}, error.status)


def _is_same_origin(headers: Headers, host: str) -> bool:
    """Tell whether this site's own page asks, or a program: those send neither header."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in _OWN_SITE
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

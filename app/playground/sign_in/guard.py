"""Lets only those onto the pages who are signed in, and notes who it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from app.connections.principal import acting_for
from app.database import FAULTS
from app.journal.entry import LOCAL
from app.log import add_log_fields
from app.paths import is_below
from app.people.people import Person
from app.playground.failures import error_of, error_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from app.people.people import People

_COOKIE: Final = "sign-in"
_SAFE_COOKIE: Final = "__Host-sign-in"
"""Browsers take a cookie of such a name from this very host only, and only over TLS."""
SIGN_IN_PATH: Final = "/sign-in"
EVERYBODY: Final = Person(LOCAL, "You", "owner")
"""Who is at the page where nobody signs in."""

_OPEN: Final = (SIGN_IN_PATH, "/shared", "/static", "/health", "/metrics")


class Guard:
    """Middleware around the pages; `request.state.person` is who asks."""

    def __init__(self, app: ASGIApp, people: People) -> None:
        self._app = app
        self._people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or is_below(scope["path"], _OPEN):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        secret = request.cookies.get(cookie_name(request), "")
        try:
            person = await self._people.signed_in(secret)
        except FAULTS as fault:
            await error_response(request, error_of(request, fault))(scope, receive, send)
            return
        if person is None:
            await _to_sign_in(request)(scope, receive, send)
            return
        request.state.person = person
        request.state.is_signed_in = partial(self._is_signed_in, secret)
        add_log_fields(person_id=person.id)
        with acting_for(person.id):
            await self._app(scope, receive, send)

    async def _is_signed_in(self, secret: str) -> bool:
        """Tell what streams ask again, which outlast a sign-out."""
        return await self._people.signed_in(secret) is not None


def cookie_name(connection: HTTPConnection) -> str:
    """Return the name of the cookie by which a browser is known."""
    return _SAFE_COOKIE if connection.url.scheme == "https" else _COOKIE


def _to_sign_in(request: HTTPConnection) -> Response:
    """Send a person to the sign-in page, and tell scripts why they get nothing."""
    scope = request.scope
    address = f"{SIGN_IN_PATH}?next={quote(scope['path'])}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": address})
    if scope["method"] == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(address, 303)
    return PlainTextResponse(f"Sign in first: open {SIGN_IN_PATH} in a browser.", 401)

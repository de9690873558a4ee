"""Turns errors of page routes into HTML: a notice on the page for HTMX, a page of its own otherwise."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, HTTPConnection

from app.connections.connection import BUILT_IN, Connection
from app.connections.sentences import of_strange
from app.database import FAULTS
from app.errors import AppError, DatabaseUnavailable, NotFound, UpstreamFailed
from app.playground.deps import get_playground

_log = logging.getLogger(__name__)

PASSED_ON: Final = (HTTPException, RequestValidationError, ClientDisconnect)
"""What the framework answers itself."""
_OF_STRANGE_ANSWERS: Final = (AttributeError, LookupError, TypeError, ValueError, ArithmeticError)
"""What reading an object raises that lacks something; `connections/answers.py` tells all else before."""
_BUS: Final = "div#bus"
"""The page's event stream: it asks again and again, and the page says itself that it is lost."""


class PageRoute(APIRoute):
    """A route whose failures are answered in HTML."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            try:
                return await handle(request)
            except PASSED_ON:
                raise
            except Exception as error:
                return error_response(request, error_of(request, error))

        return handle_page


def error_of(request: HTTPConnection, failure: Exception) -> AppError:
    """Return a failure as people are told of it; what nobody raised on purpose goes to the log with its reasons."""
    if isinstance(failure, AppError):
        return failure
    if isinstance(failure, FAULTS):
        _log.error("The database does not answer a page: %s", type(failure).__name__)
        return DatabaseUnavailable()
    _log.error("A page's request failed", exc_info=failure)
    connection: Connection | None = getattr(request.state, "connection", None)
    if connection is not None and connection.is_remote and isinstance(failure, _OF_STRANGE_ANSWERS):
        return UpstreamFailed(of_strange(connection, "something that the page reads is missing in it"))
    request_id = request.scope.get("extensions", {}).get("request_id", "")
    told = f"give its id to whoever runs this server, whose log says why: {request_id}" if request_id else "see its log"
    message = f"Something in the server broke, and nothing more is known here. Try again. If it fails again, {told}."
    return AppError(message, code="internal_error")


def error_response(request: HTTPConnection, error: AppError) -> HTMLResponse:
    """Say what happened where the person looks."""
    if request.headers.get("hx-source") == _BUS:
        return HTMLResponse("", error.status)
    renderer = get_playground(request).renderer
    title = "Not found" if isinstance(error, NotFound) else "That did not work"
    if "hx-request" not in request.headers:
        engine = BUILT_IN.name if isinstance(error, UpstreamFailed) else ""
        content = renderer.render("pages/error.html", title=title, message=error.message, theme="", engine=engine)
        return HTMLResponse(content, error.status)
    toast = {"id": f"toast-{uuid.uuid4().hex}", "title": title, "text": error.message}
    headers = {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"}
    return HTMLResponse(renderer.render("parts/toast.html", toast=toast), error.status, headers)

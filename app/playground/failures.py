"""Turns errors of page routes into HTML: a notice on the page for HTMX, a page of its own otherwise."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from app.connections.connection import BUILT_IN
from app.database import FAULTS
from app.errors import AppError, DatabaseUnavailable, NotFound, UpstreamFailed
from app.playground.deps import get_playground


class PageRoute(APIRoute):
    """A route whose `AppError`s are answered in HTML."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            try:
                return await handle(request)
            except AppError as error:
                return error_response(request, error)
            except FAULTS:
                return error_response(request, DatabaseUnavailable())

        return handle_page


def error_response(request: Request, error: AppError) -> HTMLResponse:
    """Say what happened where the person looks."""
    renderer = get_playground(request).renderer
    title = "Not found" if isinstance(error, NotFound) else "That did not work"
    if "hx-request" not in request.headers:
        engine = BUILT_IN.name if isinstance(error, UpstreamFailed) else ""
        content = renderer.render("pages/error.html", title=title, message=error.message, theme="", engine=engine)
        return HTMLResponse(content, error.status)
    toast = {"id": f"toast-{uuid.uuid4().hex}", "title": title, "text": error.message}
    headers = {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"}
    return HTMLResponse(renderer.render("parts/toast.html", toast=toast), error.status, headers)

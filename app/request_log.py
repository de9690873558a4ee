"""One line in the log for each request, and the request's id on every line that is written meanwhile."""

from __future__ import annotations

import logging
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.log import log_fields

_log = logging.getLogger(__name__)
_SECRET_PATHS = ("/shared/",)
"""Paths that begin so go on with a secret."""


class RequestLog:
    """Middleware around the whole application; lines are written at `debug`, those of failures at `warning`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started, status = f"req_{secrets.token_hex(16)}", time.perf_counter(), 0
        scope.setdefault("extensions", {})["request_id"] = request_id

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with log_fields(request_id=request_id):
            try:
                await self._app(scope, receive, note_status)
            finally:
                took_ms = (time.perf_counter() - started) * 1000
                level = logging.WARNING if status >= 500 else logging.DEBUG  # noqa: PLR2004
                _log.log(level, "%s %s %s %.0f ms", scope["method"], shown_path(scope["path"]), status or "-", took_ms)


def shown_path(path: str) -> str:
    """Return a path without secrets and line breaks."""
    for start in _SECRET_PATHS:
        if path.startswith(start):
            return f"{start}…"
    return "".join(character if character.isprintable() else "?" for character in path)[:300]

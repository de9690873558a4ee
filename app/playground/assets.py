"""Serves the static files, for ever where the address carries the content's hash."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from app.playground.bundles import bundles

if TYPE_CHECKING:
    from pathlib import Path

_FOR_EVER: Final = "public, max-age=31536000, immutable"


def static_router(static_dir: Path) -> APIRouter:
    """Return a router with the folder's files and the bundles."""
    router = APIRouter(include_in_schema=False)
    files = StaticFiles(directory=static_dir)
    bundled = bundles(static_dir)

    @router.get("/static/{path:path}")
    async def static_file(path: str, request: Request) -> Response:
        if path in bundled:
            response = Response(bundled[path], media_type=mimetypes.guess_type(path)[0])
        else:
            try:
                response = await files.get_response(path, request.scope)
            except HTTPException:
                return PlainTextResponse("There is no such file.", 404)
        response.headers["Cache-Control"] = _FOR_EVER if "h" in request.query_params else "no-cache"
        return response

    return router

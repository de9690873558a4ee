"""The API's kind of route: bodies are read with limits and of known callers, v1 is translated in and out."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.bodies import BodyRequest
from app.api.deps import require_caller
from app.api.dialect import current_dialect
from app.api.errors import error_response
from app.api.responses import WireResponse
from app.api.versions import is_v1
from app.errors import AppError
from app.wire.v1 import to_v1


class ApiRoute(APIRoute):
    """A route that answers in the version in which it is asked."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def handle_api(request: Request) -> Response:
            await require_caller(request, await current_dialect(request))  # FastAPI reads the body before it asks.
            try:
                response = await handle(BodyRequest(request.scope, request.receive))
            except HTTPException as error:
                if isinstance(error.__cause__, AppError):  # FastAPI wraps what reading the body raises.
                    return error_response(request, error.__cause__)
                raise
            if isinstance(response, WireResponse) and is_v1(request):
                response.replace_body(json.dumps(to_v1(json.loads(bytes(response.body)))))
            return response

        return handle_api

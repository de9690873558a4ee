"""Which version of the API a request is written in, and routes that answer in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response

from app.api.dialect import DEFAULT_API_VERSION, Dialect, dialect_of
from app.api.errors import error_response
from app.api.responses import WireResponse
from app.errors import AppError, NotFound
from app.wire.v1 import from_v1, to_v1

_FIRST_V2 = "2024-05"


def is_v1(connection: HTTPConnection) -> bool:
    """Whether v1 is spoken: by the api-version in Azure's dialect, by the beta header in OpenAI's.

    Azure's header is ignored, since the hosted quickstart sends `assistants=v1` to v2 as well.
    """
    if dialect_of(connection.url.path) is Dialect.AZURE:
        version = connection.query_params.get("api-version", DEFAULT_API_VERSION)
        return version[:4].isdigit() and version < _FIRST_V2
    return connection.headers.get("openai-beta", "").replace(" ", "") == "assistants=v1"


async def require_v1(connection: HTTPConnection) -> None:
    """Hide routes that only v1 had from later versions; raises `NotFound`."""
    if not is_v1(connection):
        raise NotFound("Resource not found", code="404")


async def _speaks_v1(connection: HTTPConnection) -> bool:
    return is_v1(connection)


SpeaksV1 = Annotated[bool, Depends(_speaks_v1)]


class VersionedRoute(APIRoute):
    """A route that reads v1 bodies and answers in v1's shape when it is asked in v1."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def handle_version(request: Request) -> Response:
            if not is_v1(request):
                return await handle(request)
            try:
                response = await handle(_V1Request(request.scope, request.receive))
            except HTTPException as error:
                if isinstance(error.__cause__, AppError):  # FastAPI wraps what reading the body raises.
                    return error_response(request, error.__cause__)
                raise
            if isinstance(response, WireResponse):
                response.replace_body(json.dumps(to_v1(json.loads(bytes(response.body)))))
            return response

        return handle_version


class _V1Request(Request):
    """A request whose JSON body is translated from v1 when it is read."""

    async def json(self) -> Any:
        """Return the body as v2 has it."""
        return from_v1(await super().json())

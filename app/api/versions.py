"""Which version of the API a request is written in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.api.dialect import DEFAULT_API_VERSION, Dialect, dialect_of
from app.errors import NotFound

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

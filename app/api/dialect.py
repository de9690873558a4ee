"""Which dialect a request is written in: Azure's (`/openai/…?api-version=`) or OpenAI's (`/v1/…`, `/openai/v1/…`)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.errors import NotFound
from app.paths import is_below

OPENAI_PREFIXES = ("/v1", "/openai/v1")
AZURE_PREFIX = "/openai"
DEFAULT_API_VERSION = "2024-05-01-preview"

_API_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?|preview|latest|v1")


class Dialect(StrEnum):
    """One of the two ways to speak the API."""

    OPENAI = "openai"
    AZURE = "azure"


def dialect_of(path: str) -> Dialect:
    """Tell the dialect from the path alone, so that even an unknown route is answered in it."""
    return Dialect.OPENAI if is_below(path, OPENAI_PREFIXES) else Dialect.AZURE


async def current_dialect(connection: HTTPConnection) -> Dialect:
    """Return the request's dialect; raises `NotFound` for a malformed api-version, as Azure does."""
    dialect = dialect_of(connection.url.path)
    version = connection.query_params.get("api-version", DEFAULT_API_VERSION)
    if dialect is Dialect.AZURE and not _API_VERSION.fullmatch(version):
        raise NotFound("Resource not found", code="404")
    return dialect


CurrentDialect = Annotated[Dialect, Depends(current_dialect)]

"""What routes receive: the engine, the caller, the part of a list that is wanted.

All are coroutines, because FastAPI runs plain functions in a thread, which costs more than they do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Literal, cast

from fastapi import Depends, Query
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from app.api.dialect import CurrentDialect, Dialect
from app.engine.engine import Engine
from app.engine.store.rows import Cursor
from app.errors import Unauthorized
from app.journal.entry import LOCAL
from app.log import add_log_fields
from app.server_keys import is_server_key

_AZURE_REFUSAL = (
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
    "active subscription and use a correct regional API endpoint for your resource."
)


_LONGEST_ID: Final = 64

SERVER: Final = "server"
"""The principal of programs with one of the server's own keys, where people sign in."""

PersonOf = Callable[[str], Awaitable[str | None]]
"""Returns the id of the person whose key it is given, or None for an unknown key."""


async def current_engine(connection: HTTPConnection) -> Engine:
    """Return the engine, as the person sees it who asks."""
    engine = cast("Engine", connection.app.state.engine)
    person_id = connection.scope.get("extensions", {}).get("principal", LOCAL)
    return engine if person_id == LOCAL else engine.for_person(person_id)


CurrentEngine = Annotated[Engine, Depends(current_engine)]


async def require_caller(connection: HTTPConnection, dialect: CurrentDialect) -> None:
    """Let in who sends a known key, and the page, which calls in process; note on whose behalf."""
    extensions = connection.scope.setdefault("extensions", {})
    if "principal" not in extensions:
        given = _given_key(connection)
        principal = await _principal(connection, given)
        if principal is None:
            raise _refusal(dialect, given)
        extensions["principal"] = principal
    add_log_fields(person_id=extensions["principal"], **_run_of(connection))


def _run_of(connection: HTTPConnection) -> dict[str, str]:
    """Return the run that the address names, unless it is no id: nobody forges lines of the log."""
    run_id = str(connection.path_params.get("run_id", ""))
    is_id = run_id.isascii() and run_id.isidentifier() and len(run_id) <= _LONGEST_ID
    return {"run_id": run_id} if is_id else {}


async def _principal(connection: HTTPConnection, given: str) -> str | None:
    """Return whom a key stands for; without sign-in and without keys of the server's own any key will do."""
    keys = cast("tuple[SecretStr, ...]", connection.app.state.api_keys)
    person_of = cast("PersonOf | None", connection.app.state.person_of)
    if is_server_key(given, keys):
        return LOCAL if person_of is None else SERVER
    if person_of is not None:
        return await person_of(given)
    return LOCAL if given and not keys else None


def _given_key(connection: HTTPConnection) -> str:
    if key := connection.headers.get("api-key"):
        return key
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _refusal(dialect: Dialect, given: str) -> Unauthorized:
    if dialect is Dialect.AZURE:
        return Unauthorized(_AZURE_REFUSAL, code="401")
    if not given:
        return Unauthorized(
            "You didn't provide an API key. Send it in an Authorization header: Authorization: Bearer YOUR_KEY. "
            "This server accepts any key unless PLAYGROUND_API_KEYS is set.",
            code="invalid_api_key",
        )
    shown = f"{given[:3]}…" if len(given) > 8 else "…"  # noqa: PLR2004  a short key would be shown whole
    return Unauthorized(
        f"Incorrect API key provided: {shown}. This server's keys are those of its PLAYGROUND_API_KEYS setting.",
        code="invalid_api_key",
    )


async def current_cursor(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
    after: str | None = None,
    before: str | None = None,
) -> Cursor:
    """Read a list's cursor from the query."""
    return Cursor(limit, order, after or None, before or None)


async def files_cursor(
    limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
    order: Literal["asc", "desc"] = "desc",
    after: str | None = None,
) -> Cursor:
    """Read the cursor of a list of files, whose pages may be longer."""
    return Cursor(limit, order, after or None)


async def passages_are_asked_for(include: Annotated[tuple[str, ...], Query(alias="include[]")] = ()) -> bool:
    """Tell whether the text of what file search found is to be shown."""
    return "step_details.tool_calls[*].file_search.results[*].content" in include


CurrentCursor = Annotated[Cursor, Depends(current_cursor)]
FilesCursor = Annotated[Cursor, Depends(files_cursor)]
WithPassages = Annotated[bool, Depends(passages_are_asked_for)]

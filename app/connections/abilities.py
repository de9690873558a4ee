"""What a service does beyond or short of the Assistants API, presumed from its kind and then learned by asking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import httpx2
import openai

from app.connections.connection import AZURE_VERSION

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from app.connections.connection import Connection

_NOBODY: Final = "thread_000000000000000000000000"
_FIRST_WITH_SEARCH: Final = "2025-03"
_PATIENCE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the page may offer on a connection."""

    has_extensions: bool = False
    """Whether it lists threads with their titles, forks them, edits messages and keeps prompts, as our own API does."""
    lists_threads: bool = False
    """Whether it lists the ids of its threads."""
    searches_stores: bool = True
    """Whether a vector store can be searched without a run."""


def presumed(connection: Connection) -> Abilities:
    """Return what a service of that kind is documented to do."""
    if connection.has_extensions:
        return Abilities(has_extensions=True, lists_threads=True)
    is_foundry = connection.kind == "foundry"
    is_early = connection.kind == "azure" and (connection.api_version or AZURE_VERSION) < _FIRST_WITH_SEARCH
    return Abilities(lists_threads=is_foundry, searches_stores=not is_foundry and not is_early)


async def learn_abilities(client: AsyncOpenAI, connection: Connection) -> Abilities | None:
    """Ask the service; None where it does not answer.

    Nothing is changed by asking: the thread that is to be forked exists nowhere, and only a server that knows what a
    fork is says so.
    """
    base = presumed(connection)
    quick = client.with_options(timeout=_PATIENCE_SECONDS)
    try:
        lists = await _answers(quick, "/threads?limit=1")
        has_extensions = lists and await _knows_forks(quick)
    except (openai.APIError, httpx2.HTTPError):
        return None
    searches = base.searches_stores or has_extensions
    return replace(base, lists_threads=lists, has_extensions=has_extensions, searches_stores=searches)


async def _answers(client: AsyncOpenAI, path: str) -> bool:
    try:
        await client.get(path, cast_to=httpx2.Response)
    except (openai.NotFoundError, openai.BadRequestError, openai.UnprocessableEntityError):
        return False
    except openai.APIStatusError as error:
        if error.status_code == 405:  # noqa: PLR2004  A POST only.
            return False
        raise
    return True


async def _knows_forks(client: AsyncOpenAI) -> bool:
    try:
        await client.post(f"/threads/{_NOBODY}/fork", cast_to=httpx2.Response, body={})
    except openai.NotFoundError as error:
        return _NOBODY in error.message and "URL" not in error.message
    except openai.APIStatusError:
        return False
    return True

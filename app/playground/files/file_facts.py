"""Names and sizes of files, asked for once: a file never changes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from app.connections.failures import translated
from app.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.connections.types import File
    from app.playground.session import Session

_AT_ONCE: Final = 8
_LONGEST_NAME: Final = 255
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_STEP: Final = 1024


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a list says about a file; one that cannot be found goes by its id."""

    id: str
    name: str
    size: str = ""
    purpose: str = ""
    is_there: bool = True


def facts_of(file: File) -> FileFacts:
    """Return the facts of a file as the API describes it."""
    return FileFacts(file.id, plain_name(file.filename), size_text(file.bytes), file.purpose)


async def describe(session: Session, file_ids: Iterable[str]) -> list[FileFacts]:
    """Return the facts of those files, in that order.

    Looked up without a row in the logs: a list of a hundred would bury the calls that matter.
    """
    wanted = list(dict.fromkeys(file_ids))
    known, turns = session.conversation.files, asyncio.Semaphore(_AT_ONCE)

    async def look_up(file_id: str) -> None:
        async with turns:
            known[file_id] = await _look_up(session, file_id)

    async with asyncio.TaskGroup() as tasks:
        for file_id in wanted:
            if file_id not in known or not known[file_id].is_there:
                tasks.create_task(look_up(file_id))
    return [known[file_id] for file_id in wanted]


async def _look_up(session: Session, file_id: str) -> FileFacts:
    try:
        with translated(session.connection):
            return facts_of(await session.client.files.retrieve(file_id))
    except (AppError, ValueError):  # The SDK raises ValueError for an empty id.
        return FileFacts(file_id, file_id, is_there=False)


def plain_name(name: str) -> str:
    """Return the last part of a name, without marks that turn its letters around or cannot be printed."""
    return printable(PurePosixPath(name.replace("\\", "/")).name)[:_LONGEST_NAME] or "file"


def printable(text: str) -> str:
    """Return a line of text without what cannot be printed."""
    return "".join(letter for letter in text if letter.isprintable())


def size_text(size_bytes: int) -> str:
    """Return a size as people write it."""
    size, unit = float(size_bytes), 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 10 else f"{size:.1f} {_UNITS[unit]}"  # noqa: PLR2004

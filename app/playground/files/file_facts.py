"""Names and sizes of files, asked for once: a file never changes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from app.connections.failures import translated
from app.errors import AppError, NotFound

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
    known = session.conversation.files
    unknown = [file_id for file_id in wanted if file_id not in known or not known[file_id].is_there]
    for file_id, found in (await _look_up_all(session, unknown)).items():
        known[file_id] = found if isinstance(found, FileFacts) else FileFacts(file_id, file_id, is_there=False)
    return [known[file_id] for file_id in wanted]


async def present(session: Session, file_ids: Iterable[str]) -> list[FileFacts]:
    """Return the facts of those files that were not deleted; one that cannot be asked about now counts as there."""
    known = session.conversation.files
    found = await _look_up_all(session, file_ids)
    known |= {file_id: facts for file_id, facts in found.items() if isinstance(facts, FileFacts)}
    there = (file_id for file_id, facts in found.items() if not isinstance(facts, NotFound))
    return [known.get(file_id) or FileFacts(file_id, file_id) for file_id in there]


async def _look_up_all(session: Session, file_ids: Iterable[str]) -> dict[str, FileFacts | AppError | ValueError]:
    """Return the facts of those files, in that order, or why they could not be had."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def look_up(file_id: str) -> FileFacts | AppError | ValueError:
        async with turns:
            return await _look_up(session, file_id)

    async with asyncio.TaskGroup() as tasks:
        asked = {file_id: tasks.create_task(look_up(file_id)) for file_id in file_ids}
    return {file_id: task.result() for file_id, task in asked.items()}


async def _look_up(session: Session, file_id: str) -> FileFacts | AppError | ValueError:
    try:
        with translated(session.connection):
            return facts_of(await session.client.files.retrieve(file_id))
    except (AppError, ValueError) as reason:  # The SDK raises ValueError for an empty id.
        return reason


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

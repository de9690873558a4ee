"""A thread as one JSON document: messages, runs, steps, the assistants as they are now, and the files' contents."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from app.errors import AppError
from app.playground.code.chronology import Chronology, read_chronology, read_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.playground.session import Session

Json = dict[str, Any]
FORMAT: Final = "assistants-playground/thread"
VERSION: Final = 1
MOST_FILE_BYTES: Final = 50 * 1024 * 1024
"""Of all files together; those that come after it are listed without their contents."""

_MOST_FILES: Final = 500


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file, with its content or the reason why it is not there."""

    id: str
    filename: str
    purpose: str
    content: bytes | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything that an export is written from."""

    thread: Json
    told: Chronology
    steps: dict[str, list[Json]]
    assistants: list[Json]
    files: dict[str, ArchivedFile] = field(default_factory=dict)

    def document(self) -> Json:
        """Return the JSON document."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "thread": self.thread,
            "assistants": self.assistants,
            "messages": [message.to_dict() for message in self.told.messages],
            "runs": [run.to_dict() for run in self.told.runs],
            "steps": self.steps,
            "files": [_written(file) for file in self.files.values()],
        }


async def read_archive(session: Session) -> Archive:
    """Read the session's thread with everything that belongs to it."""
    with session.calls():
        thread = (await session.client.beta.threads.retrieve(session.thread_id)).to_dict()
    told = await read_chronology(session)
    steps = {run.id: [step.to_dict() for step in await read_steps(session, run)] for run in told.runs}
    wanted = dict.fromkeys(run.assistant_id for run in told.runs)
    if session.chat.assistant_id:
        wanted[session.chat.assistant_id] = None
    assistants = [found for each in wanted if (found := await _assistant(session, each)) is not None]
    archive = Archive(thread, told, steps, assistants)
    await _read_files(session, archive)
    return archive


async def _assistant(session: Session, assistant_id: str) -> Json | None:
    try:
        with session.calls():
            return (await session.client.beta.assistants.retrieve(assistant_id)).to_dict()
    except AppError:
        return None


async def _read_files(session: Session, archive: Archive) -> None:
    left = MOST_FILE_BYTES
    named = [*(message.to_dict() for message in archive.told.messages), *archive.steps.values(), archive.thread]
    for file_id in list(dict.fromkeys(each for part in named for each in file_ids(part)))[:_MOST_FILES]:
        file = await _read_file(session, file_id, left)
        left -= len(file.content or b"")
        archive.files[file_id] = file


async def _read_file(session: Session, file_id: str, left: int) -> ArchivedFile:
    try:
        with session.calls():
            file = await session.client.files.retrieve(file_id)
            if file.bytes > left:
                reason = f"The export holds at most {MOST_FILE_BYTES // 1024 // 1024} MB of files."
                return ArchivedFile(file_id, file.filename, file.purpose, None, reason)
            content = await session.client.files.content(file_id)
            return ArchivedFile(file_id, file.filename, file.purpose, await content.aread())
    except AppError as error:
        return ArchivedFile(file_id, file_id, "assistants", None, error.message)


def file_ids(value: object) -> Iterator[str]:
    """Yield every file id that JSON names, in order."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "file_id" and isinstance(each, str):
                yield each
            elif name == "file_ids" and isinstance(each, list):
                yield from (file_id for file_id in each if isinstance(file_id, str))
            elif name not in ("metadata", "arguments"):
                yield from file_ids(each)
    elif isinstance(value, list):
        for each in value:
            yield from file_ids(each)


def _written(file: ArchivedFile) -> Json:
    described = {"id": file.id, "filename": file.filename, "purpose": file.purpose}
    if file.content is None:
        return {**described, "omitted": file.reason}
    return {**described, "content": base64.b64encode(file.content).decode()}

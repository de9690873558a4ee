"""Files of assistants and messages, as v1 listed and attached them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from app.engine import messages
from app.engine.assistants import find_assistant
from app.engine.engine import Engine
from app.engine.files import find_files, require_file_ids
from app.engine.retrieval import serve_retrieval
from app.engine.store import rows, tables
from app.engine.store.rows import Cursor, Row
from app.errors import InvalidRequest, NotFound
from app.wire.pages import Item, Page, page_of
from app.wire.v1 import MOST_ASSISTANT_FILES, AssistantFile, AssistantFileDeleted, MessageFile


async def list_assistant_files(engine: Engine, assistant_id: str, cursor: Cursor) -> Page[AssistantFile]:
    """Return one page of an assistant's files."""
    found = await engine.database.read(lambda connection: _files_of(connection, assistant_id))
    return _page([_assistant_file(assistant_id, row) for row in found], cursor)


async def get_assistant_file(engine: Engine, assistant_id: str, file_id: str) -> AssistantFile:
    """Return one of an assistant's files; raises `NotFound`."""
    found = await engine.database.read(lambda connection: _files_of(connection, assistant_id))
    for row in found:
        if row["id"] == file_id:
            return _assistant_file(assistant_id, row)
    raise _not_attached(file_id, "assistant", assistant_id)


async def attach_assistant_file(engine: Engine, assistant_id: str, file_id: str) -> AssistantFile:
    """Attach a file to an assistant; raises `NotFound`, `InvalidRequest` past 20 files."""

    def attach(connection: Connection) -> None:
        resources = find_assistant(connection, assistant_id)["tool_resources"]
        require_file_ids(connection, [file_id])
        held = _held(resources)
        if file_id not in held:
            _store(connection, assistant_id, resources, [*held, file_id])

    await engine.database.write(attach)
    await serve_retrieval(engine, assistant_id)
    return await get_assistant_file(engine, assistant_id, file_id)


async def detach_assistant_file(engine: Engine, assistant_id: str, file_id: str) -> AssistantFileDeleted:
    """Detach a file from an assistant; raises `NotFound`."""

    def detach(connection: Connection) -> None:
        resources = find_assistant(connection, assistant_id)["tool_resources"]
        held = _held(resources)
        if file_id not in held:
            raise _not_attached(file_id, "assistant", assistant_id)
        _store(connection, assistant_id, resources, [one for one in held if one != file_id])

    await engine.database.write(detach)
    await serve_retrieval(engine, assistant_id)
    return AssistantFileDeleted(id=file_id)


async def list_message_files(engine: Engine, thread_id: str, message_id: str, cursor: Cursor) -> Page[MessageFile]:
    """Return one page of a message's files."""
    return _page(await _message_files(engine, thread_id, message_id), cursor)


async def get_message_file(engine: Engine, thread_id: str, message_id: str, file_id: str) -> MessageFile:
    """Return one of a message's files; raises `NotFound`."""
    for file in await _message_files(engine, thread_id, message_id):
        if file.id == file_id:
            return file
    raise _not_attached(file_id, "message", message_id)


async def _message_files(engine: Engine, thread_id: str, message_id: str) -> list[MessageFile]:
    message = await messages.get_message(engine, thread_id, message_id)
    wanted = [attachment["file_id"] for attachment in message.attachments]
    found = await engine.database.read(lambda connection: find_files(connection, wanted))
    return [MessageFile(id=row["id"], created_at=row["created_at"], message_id=message_id) for row in found]


def _files_of(connection: Connection, assistant_id: str) -> list[Row]:
    return find_files(connection, _held(find_assistant(connection, assistant_id)["tool_resources"]))


def _assistant_file(assistant_id: str, row: Row) -> AssistantFile:
    return AssistantFile(id=row["id"], created_at=row["created_at"], assistant_id=assistant_id)


def _held(resources: dict[str, Any]) -> list[str]:
    return list((resources.get("code_interpreter") or {}).get("file_ids", []))


def _store(connection: Connection, assistant_id: str, resources: dict[str, Any], file_ids: list[str]) -> None:
    if len(file_ids) > MOST_ASSISTANT_FILES:
        message = f"An assistant can hold {MOST_ASSISTANT_FILES} files. Detach one first."
        raise InvalidRequest(message, param="file_id", code="array_above_max_length")
    changed = {**resources, "code_interpreter": {"file_ids": file_ids}}
    rows.update_row(connection, tables.assistants, assistant_id, {"tool_resources": changed})


def _page(files: Sequence[Item], cursor: Cursor) -> Page[Item]:
    """Cut one page out of a short list that is in the order in which the files were attached."""
    ordered = list(files) if cursor.order == "asc" else list(reversed(files))
    ids = [file.id for file in ordered]
    start = ids.index(cursor.after) + 1 if cursor.after in ids else 0
    end = ids.index(cursor.before) if cursor.before in ids else len(ids)
    return page_of(ordered[start:end], cursor.limit)


def _not_attached(file_id: str, kind: str, owner_id: str) -> NotFound:
    return NotFound(f"No file found with id '{file_id}' in {kind} '{owner_id}'.")

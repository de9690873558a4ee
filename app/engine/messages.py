"""Messages: add, read, change, delete."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.files import require_file_ids
from app.engine.store import rows, tables
from app.engine.store_files import add_file_rows
from app.engine.thread_lock import find_thread, require_unlocked
from app.engine.vector_stores import THREAD_STORE_EXPIRY, insert_vector_store, require_alive, touch
from app.errors import InvalidRequest, NotFound
from app.wire.base import Deleted
from app.wire.messages import (
    Attachment,
    CreateMessage,
    ImageFileInput,
    Message,
    MessageContent,
    ModifyMessage,
    TextInput,
)
from app.wire.pages import Page, page_of

MAX_CODE_FILES = 20
"""Files that one thread's code interpreter may hold (specification: code_interpreter.file_ids)."""


async def create_message(engine: Engine, thread_id: str, body: CreateMessage) -> Message:
    """Add a message to a thread that no run holds locked."""

    def add(connection: Connection) -> Message:
        find_thread(connection, thread_id)
        require_unlocked(connection, thread_id)
        return insert_message(engine, connection, thread_id, body)

    message = await engine.database.write(add)
    engine.files_waiting.ring()
    return message


def insert_message(engine: Engine, connection: Connection, thread_id: str, body: CreateMessage) -> Message:
    """Insert a message, inside a unit of work; its attachments join the thread's files and its vector store."""
    now = engine.now()
    attachments = body.attachments or []
    require_file_ids(connection, _file_ids(body, attachments))
    values: dict[str, Any] = {
        "id": engine.ids.new("msg_"),
        "created_at": now,
        "thread_id": thread_id,
        "status": "completed",
        "incomplete_details": None,
        "completed_at": now,
        "incomplete_at": None,
        "role": body.role,
        "content": _stored_content(body.content),
        "assistant_id": None,
        "run_id": None,
        "attachments": [attachment.model_dump(exclude_none=True) for attachment in attachments],
        "metadata": body.metadata or {},
    }
    rows.insert_row(connection, tables.messages, values)
    _lend_to_code_interpreter(connection, thread_id, attachments)
    _add_to_thread_store(engine, connection, thread_id, attachments)
    return Message.model_validate(values)


async def get_message(engine: Engine, thread_id: str, message_id: str) -> Message:
    """Return one message; raises `NotFound`."""

    def find(connection: Connection) -> Message:
        find_thread(connection, thread_id)
        return _find_message(connection, thread_id, message_id)

    return await engine.database.read(find)


async def list_messages(engine: Engine, thread_id: str, cursor: rows.Cursor, run_id: str | None) -> Page[Message]:
    """Return one page of a thread's messages, of one run where `run_id` is given."""
    equal = {"thread_id": thread_id} | ({"run_id": run_id} if run_id else {})

    def read(connection: Connection) -> list[Message]:
        find_thread(connection, thread_id)
        found = rows.list_rows(connection, tables.messages, cursor, **equal)
        return [Message.model_validate(row) for row in found]

    return page_of(await engine.database.read(read), cursor.limit)


async def modify_message(engine: Engine, thread_id: str, message_id: str, body: ModifyMessage) -> Message:
    """Change a message's metadata, and a user's words too, as long as no run is at work with them."""
    values = body.model_dump(exclude_none=True, exclude_unset=True)

    def change(connection: Connection) -> Message:
        find_thread(connection, thread_id)
        if body.content is not None:
            _require_editable(connection, thread_id, message_id, body.content)
            values["content"] = _stored_content(body.content)
        rows.update_row(connection, tables.messages, message_id, values, thread_id=thread_id)
        return _find_message(connection, thread_id, message_id)

    return await engine.database.write(change)


async def delete_message(engine: Engine, thread_id: str, message_id: str) -> Deleted:
    """Delete a message; the steps that made it stay."""

    def remove(connection: Connection) -> None:
        find_thread(connection, thread_id)
        if not rows.delete_row(connection, tables.messages, message_id, thread_id=thread_id):
            raise _no_message(message_id)

    await engine.database.write(remove)
    return Deleted(id=message_id, object="thread.message.deleted")


def _find_message(connection: Connection, thread_id: str, message_id: str) -> Message:
    row = rows.get_row(connection, tables.messages, message_id, thread_id=thread_id)
    if row is None:
        raise _no_message(message_id)
    return Message.model_validate(row)


def _require_editable(connection: Connection, thread_id: str, message_id: str, content: MessageContent) -> None:
    message = _find_message(connection, thread_id, message_id)
    if message.role != "user":
        raise InvalidRequest(
            f"{message_id} is an assistant's message; only the content of users' messages can be changed.",
            param="content",
        )
    require_unlocked(connection, thread_id)
    require_file_ids(connection, _shown_images(content))


def _stored_content(content: MessageContent) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [_text_part(content)]
    return [
        _text_part(part.text) if isinstance(part, TextInput) else part.model_dump(exclude_none=True) for part in content
    ]


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "text", "text": {"value": text, "annotations": []}}


def _file_ids(body: CreateMessage, attachments: list[Attachment]) -> list[str]:
    return _shown_images(body.content) + [attachment.file_id for attachment in attachments]


def _shown_images(content: MessageContent) -> list[str]:
    parts = [] if isinstance(content, str) else content
    return [part.image_file.file_id for part in parts if isinstance(part, ImageFileInput)]


def _lend_to_code_interpreter(connection: Connection, thread_id: str, attachments: list[Attachment]) -> None:
    wanted = _meant_for("code_interpreter", attachments)
    if not wanted:
        return
    resources = dict(find_thread(connection, thread_id)["tool_resources"])
    held = resources.get("code_interpreter", {}).get("file_ids", [])
    together = [*held, *(file_id for file_id in dict.fromkeys(wanted) if file_id not in held)]
    if len(together) > MAX_CODE_FILES:
        raise InvalidRequest(
            f"A thread can hold {MAX_CODE_FILES} files for the code interpreter; this message would make it "
            f"{len(together)}. Remove some from the thread's tool_resources first.",
            param="attachments",
            code="array_above_max_length",
        )
    resources["code_interpreter"] = {"file_ids": together}
    rows.update_row(connection, tables.threads, thread_id, {"tool_resources": resources})


def _add_to_thread_store(engine: Engine, connection: Connection, thread_id: str, attachments: list[Attachment]) -> None:
    """Add files for search to the thread's own vector store, which is made when the first one comes."""
    wanted = _meant_for("file_search", attachments)
    if not wanted:
        return
    resources = dict(find_thread(connection, thread_id)["tool_resources"])
    held = resources.get("file_search", {}).get("vector_store_ids", [])
    if held:
        require_alive(connection, held[0], engine.now())
        touch(connection, held, engine.now())
    else:
        held = [insert_vector_store(engine, connection, {}, expires_after=THREAD_STORE_EXPIRY)]
        resources["file_search"] = {"vector_store_ids": held}
        rows.update_row(connection, tables.threads, thread_id, {"tool_resources": resources})
    add_file_rows(engine, connection, held[0], wanted)


def _meant_for(tool: str, attachments: list[Attachment]) -> list[str]:
    return [attachment.file_id for attachment in attachments if any(one.type == tool for one in attachment.tools or ())]


def _no_message(message_id: str) -> NotFound:
    return NotFound(f"No message found with id '{message_id}'.")

"""Forking a thread: its messages up to one of them, in a new thread; the origin stays as it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from app.engine.engine import Engine
from app.engine.store import rows, tables
from app.engine.store_files import add_file_rows
from app.engine.thread_lock import find_thread
from app.engine.vector_stores import THREAD_STORE_EXPIRY, insert_vector_store
from app.errors import NotFound
from app.wire.threads import ForkThread, Thread

FORKED_FROM = "forked_from"
"""The metadata key under which a fork names its origin."""
_MOST_PAIRS = 16


async def fork_thread(engine: Engine, thread_id: str, body: ForkThread) -> Thread:
    """Copy a thread; runs and steps stay behind, and a message that is being written is left out.

    The copies name the same files, so a fork takes nothing of its person's storage.
    """

    def copy(connection: Connection) -> Thread:
        origin = find_thread(connection, thread_id)
        copied = _messages(connection, thread_id, body.message_id)
        values: dict[str, Any] = {
            "id": engine.ids.new("thread_"),
            "created_at": engine.now(),
            "tool_resources": _resources(engine, connection, dict(origin["tool_resources"])),
            "metadata": body.metadata if body.metadata is not None else _metadata(origin),
        }
        rows.insert_row(connection, tables.threads, values)
        if copied:
            copies = [_copy(engine, message, values["id"]) for message in copied]
            connection.execute(insert(tables.messages), copies)
        return Thread.model_validate(values)

    thread = await engine.database.write(copy)
    engine.files_waiting.ring()
    return thread


def _messages(connection: Connection, thread_id: str, last_id: str | None) -> list[rows.Row]:
    messages = tables.messages.c
    query = select(tables.messages).where(messages.thread_id == thread_id, messages.status != "in_progress")
    if last_id is not None:
        last = rows.get_row(connection, tables.messages, last_id, thread_id=thread_id)
        if last is None:
            raise NotFound(f"No message found with id '{last_id}'.", param="message_id")
        query = query.where(messages.seq <= last["seq"])
    return list(connection.execute(query.order_by(messages.seq)).mappings())


def _copy(engine: Engine, message: rows.Row, thread_id: str) -> dict[str, Any]:
    kept = {name: value for name, value in message.items() if name != "seq"}
    return {**kept, "id": engine.ids.new("msg_"), "thread_id": thread_id, "run_id": None}


def _metadata(origin: rows.Row) -> dict[str, str]:
    metadata = {**origin["metadata"], FORKED_FROM: origin["id"]}
    return metadata if len(metadata) <= _MOST_PAIRS else dict(origin["metadata"])


def _resources(engine: Engine, connection: Connection, resources: dict[str, Any]) -> dict[str, Any]:
    """Give the fork a store of its own where the thread's messages filled one, so that the origin's stays as it is."""
    for store_id in resources.get("file_search", {}).get("vector_store_ids", []):
        store = rows.get_row(connection, tables.vector_stores, store_id)
        if store is not None and store["name"] is None and store["expires_after"] == THREAD_STORE_EXPIRY:
            own = insert_vector_store(engine, connection, {}, expires_after=THREAD_STORE_EXPIRY)
            add_file_rows(engine, connection, own, _files_of(connection, store_id))
            resources["file_search"] = {"vector_store_ids": [own]}
    return resources


def _files_of(connection: Connection, store_id: str) -> list[str]:
    """Return the files of a store that are still there."""
    held = tables.store_files.c
    query = select(held.file_id).join(tables.files, tables.files.c.id == held.file_id)
    return list(connection.execute(query.where(held.vector_store_id == store_id).order_by(held.seq)).scalars())

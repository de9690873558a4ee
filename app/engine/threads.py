"""Threads: create, read, change, delete."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete

from app.engine import messages
from app.engine.engine import Engine
from app.engine.store import rows, tables
from app.engine.thread_lock import active_run_ids, find_thread
from app.engine.vector_stores import settle_resources
from app.wire.base import Deleted
from app.wire.events import error_event
from app.wire.threads import CreateThread, ModifyThread, Thread


async def create_thread(engine: Engine, body: CreateThread) -> Thread:
    """Store a new thread and its first messages."""
    thread = await engine.database.write(lambda connection: insert_thread(engine, connection, body))
    engine.files_waiting.ring()
    return thread


def insert_thread(engine: Engine, connection: Connection, body: CreateThread) -> Thread:
    """Insert a thread and its first messages, inside a unit of work."""
    values: dict[str, Any] = {
        "id": engine.ids.new("thread_"),
        "created_at": engine.now(),
        "tool_resources": settle_resources(engine, connection, body.tool_resources, for_thread=True),
        "metadata": body.metadata or {},
    }
    rows.insert_row(connection, tables.threads, values)
    for message in body.messages or ():
        messages.insert_message(engine, connection, values["id"], message)
    row = find_thread(connection, values["id"]) if body.messages else values
    return Thread.model_validate(row)


async def get_thread(engine: Engine, thread_id: str) -> Thread:
    """Return one thread; raises `NotFound`."""
    row = await engine.database.read(lambda connection: find_thread(connection, thread_id))
    return Thread.model_validate(row)


async def modify_thread(engine: Engine, thread_id: str, body: ModifyThread) -> Thread:
    """Change the fields that are given."""
    values = body.model_dump(exclude_none=True, exclude_unset=True)

    def change(connection: Connection) -> Thread:
        find_thread(connection, thread_id)
        if body.tool_resources is not None:
            values["tool_resources"] = settle_resources(engine, connection, body.tool_resources, for_thread=True)
        rows.update_row(connection, tables.threads, thread_id, values)
        return Thread.model_validate(find_thread(connection, thread_id))

    thread = await engine.database.write(change)
    engine.files_waiting.ring()
    return thread


async def delete_thread(engine: Engine, thread_id: str) -> Deleted:
    """Delete a thread with its messages, runs and steps, and the code interpreter's folder; files stay.

    An active run is stopped first: its rows go with the thread, and the worker finds its lease gone.
    """

    def remove(connection: Connection) -> list[str]:
        find_thread(connection, thread_id)
        active = active_run_ids(connection, thread_id)
        for table in (tables.prompts, tables.steps, tables.runs, tables.messages):
            connection.execute(delete(table).where(table.c.thread_id == thread_id))
        rows.delete_row(connection, tables.threads, thread_id)
        return active

    for run_id in await engine.database.write(remove):
        engine.hub.publish(
            run_id, error_event(f"{thread_id} was deleted while {run_id} was active.", "server_error", None)
        )
        engine.hub.forget(run_id)
        engine.inbox.cancel(run_id)
    await engine.interpreter.close_session(thread_id, delete_files=True)
    return Deleted(id=thread_id, object="thread.deleted")

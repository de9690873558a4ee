"""Assistants: create, read, change, delete."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.store import rows, tables
from app.engine.vector_stores import settle_resources
from app.errors import NotFound
from app.wire.assistants import Assistant, CreateAssistant, ModifyAssistant
from app.wire.base import Deleted
from app.wire.pages import Page, page_of


async def create_assistant(engine: Engine, body: CreateAssistant) -> Assistant:
    """Store a new assistant."""
    await engine.models.check(body.model)
    values: dict[str, Any] = {
        "name": None,
        "description": None,
        "instructions": None,
        "tools": [],
        "tool_resources": {},
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "reasoning_effort": None,
        "response_format": "auto",
        **_given(body),
        "id": engine.ids.new("asst_"),
        "created_at": engine.now(),
    }

    def insert(connection: Connection) -> Assistant:
        values["tool_resources"] = settle_resources(engine, connection, body.tool_resources, for_thread=False)
        rows.insert_row(connection, tables.assistants, values)
        return Assistant.model_validate(values)

    assistant = await engine.database.write(insert)
    engine.files_waiting.ring()
    return assistant


async def get_assistant(engine: Engine, assistant_id: str) -> Assistant:
    """Return one assistant; raises `NotFound`."""
    row = await engine.database.read(lambda connection: find_assistant(connection, assistant_id))
    return Assistant.model_validate(row)


async def list_assistants(engine: Engine, cursor: rows.Cursor) -> Page[Assistant]:
    """Return one page of assistants."""
    found = await engine.database.read(lambda connection: rows.list_rows(connection, tables.assistants, cursor))
    return page_of([Assistant.model_validate(row) for row in found], cursor.limit)


async def modify_assistant(engine: Engine, assistant_id: str, body: ModifyAssistant) -> Assistant:
    """Change the fields that are given; null counts as not given, but takes a reasoning effort away."""
    if body.model is not None:
        await engine.models.check(body.model)
    values = _given(body)
    if "reasoning_effort" in body.model_fields_set:
        values["reasoning_effort"] = body.reasoning_effort

    def change(connection: Connection) -> Assistant:
        find_assistant(connection, assistant_id)
        if body.tool_resources is not None:
            values["tool_resources"] = settle_resources(engine, connection, body.tool_resources, for_thread=False)
        rows.update_row(connection, tables.assistants, assistant_id, values)
        return Assistant.model_validate(find_assistant(connection, assistant_id))

    assistant = await engine.database.write(change)
    engine.files_waiting.ring()
    return assistant


async def delete_assistant(engine: Engine, assistant_id: str) -> Deleted:
    """Delete an assistant; its threads and runs stay."""
    deleted = await engine.database.write(
        lambda connection: rows.delete_row(connection, tables.assistants, assistant_id)
    )
    if not deleted:
        raise _no_assistant(assistant_id)
    return Deleted(id=assistant_id, object="assistant.deleted")


def find_assistant(connection: Connection, assistant_id: str) -> rows.Row:
    """Return the assistant's row; raises `NotFound`."""
    row = rows.get_row(connection, tables.assistants, assistant_id)
    if row is None:
        raise _no_assistant(assistant_id)
    return row


def _given(body: ModifyAssistant) -> dict[str, Any]:
    return body.model_dump(exclude_none=True, exclude_unset=True, by_alias=True)


def _no_assistant(assistant_id: str) -> NotFound:
    return NotFound(f"No assistant found with id '{assistant_id}'.")

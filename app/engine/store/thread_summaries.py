"""Queries of the list of threads: which ones, what their first message says, how their newest run stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from app.engine.store import rows, tables

_MESSAGES, _RUNS = tables.messages.c, tables.runs.c
_TEXT = _MESSAGES.content[(0, "text", "value")].as_string()


def list_threads(
    connection: Connection, cursor: rows.Cursor, query: str | None, *, has_messages: bool
) -> Sequence[rows.Row]:
    """Return one thread more than the cursor's limit where there are more."""
    conditions = [_with_message()] if has_messages else []
    if query:
        conditions.append(or_(tables.threads.c.id == query, _with_message(_TEXT.icontains(query, autoescape=True))))
    return rows.list_rows(connection, tables.threads, cursor, *conditions)


def first_texts(connection: Connection, thread_ids: Sequence[str]) -> dict[str, str]:
    """Return what the first message of a user says, by thread; a message that begins with an image has no text."""
    first = select(func.min(_MESSAGES.seq)).where(_MESSAGES.thread_id.in_(thread_ids), _MESSAGES.role == "user")
    found = select(_MESSAGES.thread_id, _TEXT).where(_MESSAGES.seq.in_(first.group_by(_MESSAGES.thread_id)))
    return {thread_id: text for thread_id, text in connection.execute(found) if text}


def last_runs(connection: Connection, thread_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return id, status and assistant of the newest run, by thread."""
    last = select(func.max(_RUNS.seq)).where(_RUNS.thread_id.in_(thread_ids)).group_by(_RUNS.thread_id)
    found = select(_RUNS.thread_id, _RUNS.id, _RUNS.status, _RUNS.assistant_id).where(_RUNS.seq.in_(last))
    return {row["thread_id"]: dict(row) for row in connection.execute(found).mappings()}


def _with_message(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_MESSAGES.thread_id == tables.threads.c.id, *conditions)

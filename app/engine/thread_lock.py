"""The thread's lock: while a run is active, nothing else may write to its thread."""

from __future__ import annotations

from sqlalchemy import Connection, select

from app.engine.store import rows, tables
from app.errors import Conflict, NotFound


def find_thread(connection: Connection, thread_id: str) -> rows.Row:
    """Return the thread's row; raises `NotFound`."""
    row = rows.get_row(connection, tables.threads, thread_id)
    if row is None:
        raise no_thread(thread_id)
    return row


def find_owner(connection: Connection, thread_id: str) -> str:
    """Return whose thread it is; nobody's where the thread is gone."""
    row = rows.get_row(connection, tables.threads, thread_id)
    return str(row["owner_id"]) if row is not None else ""


def active_run_ids(connection: Connection, thread_id: str) -> list[str]:
    """Return the run that holds the thread's lock, if any."""
    query = select(tables.runs.c.id).where(
        tables.runs.c.thread_id == thread_id, tables.runs.c.status.in_(tables.ACTIVE_STATUSES)
    )
    return list(connection.execute(query).scalars())


def require_unlocked(connection: Connection, thread_id: str) -> None:
    """Raise `Conflict` while a run holds the thread's lock, in the hosted service's words."""
    for run_id in active_run_ids(connection, thread_id):
        raise Conflict(f"Can't add messages to {thread_id} while a run {run_id} is active.")


def no_thread(thread_id: str) -> NotFound:
    """Make the hosted service's error for an unknown thread."""
    return NotFound(f"No thread found with id '{thread_id}'.")

"""Everything that a run knows when it begins, read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, select

from app.engine.files import find_files, find_outputs
from app.engine.store import rows, tables
from app.wire.runs import Run

_MOST_MESSAGES = 500
_MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Situation:
    """The thread's newest messages and tool steps (oldest first), the files at hand, and what was made before."""

    messages: Sequence[rows.Row]
    steps: Sequence[rows.Row]
    files: Sequence[rows.Row]
    outputs: dict[str, str]
    images: dict[str, rows.Row]


def read_situation(connection: Connection, run: Run) -> Situation:
    """Read what `run` works from."""
    last = run.truncation_strategy.get("last_messages") if run.truncation_strategy["type"] == "last_messages" else None
    messages = _newest(connection, tables.messages, run.thread_id, last or _MOST_MESSAGES)
    steps = _newest(connection, tables.steps, run.thread_id, _MOST_STEPS, tables.steps.c.type == "tool_calls")
    uses_code = any(tool["type"] == "code_interpreter" for tool in run.tools)
    files = find_files(connection, _code_file_ids(connection, run)) if uses_code else []
    images = {row["id"]: row for row in find_files(connection, _image_ids(messages))}
    return Situation(messages, steps, files, find_outputs(connection, run.thread_id) if uses_code else {}, images)


def _newest(
    connection: Connection, table: Table, thread_id: str, limit: int, *conditions: ColumnElement[bool]
) -> list[rows.Row]:
    of_thread = select(table).where(table.c.thread_id == thread_id, *conditions)
    query = of_thread.order_by(table.c.seq.desc()).limit(limit)
    return list(reversed(connection.execute(query).mappings().all()))


def _code_file_ids(connection: Connection, run: Run) -> list[str]:
    found: list[str] = []
    for table, owner_id in ((tables.assistants, run.assistant_id), (tables.threads, run.thread_id)):
        row = rows.get_row(connection, table, owner_id)
        if row is not None:
            found += row["tool_resources"].get("code_interpreter", {}).get("file_ids", [])
    return found


def _image_ids(messages: Sequence[rows.Row]) -> list[str]:
    return [
        part["image_file"]["file_id"]
        for message in messages
        if message["role"] == "user"
        for part in message["content"]
        if part["type"] == "image_file"
    ]

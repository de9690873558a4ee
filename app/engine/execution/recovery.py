"""Closing the steps and messages that a run left open when its worker went away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, select

from app.engine.engine import Engine
from app.engine.execution.endings import Ending
from app.engine.execution.run_writer import RunWriter
from app.engine.execution.step_writer import StepWriter
from app.engine.store import rows, tables
from app.wire.events import object_event
from app.wire.messages import Message
from app.wire.steps import RunStep


async def close_open_parts(engine: Engine, writer: RunWriter, ending: Ending) -> None:
    """Queue the ends of the run's open message and steps; the run's own end commits them."""
    messages, steps = await engine.database.read(
        lambda connection: (
            _open(connection, tables.messages, writer.run.id),
            _open(connection, tables.steps, writer.run.id),
        )
    )
    for row in messages:
        _close_message(engine, writer, Message.model_validate(row), ending)
    for row in steps:
        StepWriter(engine, writer.outbox, RunStep.model_validate(row)).close(ending, None)


def _open(connection: Connection, table: Table, run_id: str) -> list[rows.Row]:
    query = select(table).where(table.c.run_id == run_id, table.c.status == "in_progress").order_by(table.c.seq)
    return list(connection.execute(query).mappings())


def _close_message(engine: Engine, writer: RunWriter, message: Message, ending: Ending) -> None:
    changes: dict[str, Any] = {
        "status": "incomplete",
        "incomplete_at": engine.now(),
        "incomplete_details": {"reason": ending.message_reason or "run_failed"},
    }

    def close(connection: Connection) -> None:
        rows.update_row(connection, tables.messages, message.id, changes)

    writer.outbox.write(close)
    writer.outbox.tell(object_event("thread.message.incomplete", message.model_copy(update=changes)))

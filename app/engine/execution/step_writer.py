"""One step of a run, as it is written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.execution.endings import STEP_TIME_FIELD, Ending
from app.engine.execution.outbox import Outbox
from app.engine.store import rows, tables
from app.wire.events import object_event
from app.wire.runs import Run, Usage
from app.wire.steps import RunStep, StepType


class StepWriter:
    """Creates a step's row, keeps its details, closes it."""

    def __init__(self, engine: Engine, outbox: Outbox, step: RunStep) -> None:
        self._engine = engine
        self._outbox = outbox
        self.step = step

    @classmethod
    def create(cls, engine: Engine, outbox: Outbox, run: Run, kind: StepType, details: dict[str, Any]) -> StepWriter:
        """Queue the row and the events of a new step."""
        values: dict[str, Any] = {
            "id": engine.ids.new("step_"),
            "created_at": engine.now(),
            "assistant_id": run.assistant_id,
            "thread_id": run.thread_id,
            "run_id": run.id,
            "type": kind,
            "status": "in_progress",
            "step_details": details,
            **dict.fromkeys(("last_error", "expired_at", "cancelled_at", "failed_at", "completed_at", "usage")),
            "metadata": {},
        }
        step = RunStep.model_validate(values)
        outbox.write(lambda connection: rows.insert_row(connection, tables.steps, values))
        outbox.tell(object_event("thread.run.step.created", step), object_event("thread.run.step.in_progress", step))
        return cls(engine, outbox, step)

    def save_details(self, details: dict[str, Any]) -> None:
        """Queue the step's details as they are now."""
        self.step = self.step.model_copy(update={"step_details": details})
        self._update({"step_details": details})

    def close(self, ending: Ending, usage: Usage | None) -> None:
        """Queue the step's end and its event."""
        changes: dict[str, Any] = {
            "status": ending.step,
            STEP_TIME_FIELD[ending.step]: self._engine.now(),
            "last_error": ending.error,
        }
        self.step = self.step.model_copy(update={**changes, "usage": usage})
        stored = usage.model_dump() if usage else None
        self._update({**changes, "usage": stored})
        self._outbox.tell(object_event(f"thread.run.step.{ending.step}", self.step.without_passages()))

    def retract(self) -> None:
        """Queue the step's removal."""
        step_id = self.step.id
        self._outbox.write(lambda connection: _delete_step(connection, step_id))

    def _update(self, values: dict[str, Any]) -> None:
        step_id = self.step.id
        self._outbox.write(lambda connection: _update_step(connection, step_id, values))


def _delete_step(connection: Connection, step_id: str) -> None:
    rows.delete_row(connection, tables.steps, step_id)


def _update_step(connection: Connection, step_id: str, values: dict[str, Any]) -> None:
    rows.update_row(connection, tables.steps, step_id, values)

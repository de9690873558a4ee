"""The run's own row, as the run loop moves it from status to status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from app.engine.engine import Engine
from app.engine.execution import endings
from app.engine.execution.endings import RUN_TIME_FIELD, Ending
from app.engine.execution.leases import release_lease
from app.engine.execution.outbox import LostLeaseError, Outbox
from app.engine.execution.step_writer import StepWriter
from app.engine.execution.tool_step import WrittenCall
from app.engine.models.port import Finished, ModelInfo
from app.engine.runs import move_run
from app.engine.store import rows, tables
from app.wire.events import object_event
from app.wire.runs import Run, RunStatus, Usage
from app.wire.steps import RunStep


class RunWriter:
    """Holds the run as it stands, counts its tokens, and writes every change of its status."""

    def __init__(self, engine: Engine, run: Run, fence: int) -> None:
        self._engine = engine
        self.run = run
        self.outbox = Outbox(engine, run.id, fence)
        self._fence = fence
        self._usage = run.usage or Usage()

    async def resume(self, answered: Sequence[RunStep]) -> None:
        """Complete the steps whose functions were answered, and say that the run is queued again."""
        for step in answered:
            StepWriter(self._engine, self.outbox, step).close(endings.COMPLETED, None)
        self.outbox.tell(object_event("thread.run.queued", self.run))
        await self.outbox.flush()

    def begin(self, model: ModelInfo) -> None:
        """Say that the run is in progress, as its claim has stored, and queue which model answers."""
        run_id, changes = self.run.id, {"answered_by": f"{model.id} ({model.provider})"}
        started_at = self.run.started_at or self._engine.now()
        self.run = self.run.model_copy(update={**changes, "status": RunStatus.IN_PROGRESS, "started_at": started_at})
        self.outbox.write(lambda connection: _note(connection, run_id, changes))
        self.outbox.publish(object_event("thread.run.in_progress", self.run))

    async def require_action(self, calls: Sequence[WrittenCall]) -> None:
        """Move the run to `requires_action`: the caller must run these functions."""
        asked = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
        ]
        action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": asked}}
        await self._move(RunStatus.REQUIRES_ACTION, {"required_action": action, "usage": self._usage.model_dump()})

    async def requeue(self) -> None:
        """Queue the run again without its open message and steps; raises `LostLeaseError` when it was cancelled."""
        if self.run.status is RunStatus.IN_PROGRESS:  # Before, the open steps are those whose functions were answered.
            self.outbox.write(lambda connection: _drop_open(connection, self.run.id))
        self.outbox.write(lambda connection: release_lease(connection, self.run.id, self._fence))
        await self._move(RunStatus.QUEUED, {"usage": self._usage.model_dump()})

    async def finish(self, ending: Ending) -> None:
        """Move the run to its end; a run that was cancelled meanwhile ends as cancelled."""
        self.outbox.write(lambda connection: self._end(connection, ending))
        await self.outbox.flush()
        self.outbox.publish(object_event(f"thread.run.{self.run.status}", self.run))
        self._engine.hub.forget(self.run.id)

    def count(self, finished: Finished | None) -> Usage:
        """Add one turn's tokens to the run's; return the turn's."""
        spent = finished.usage if finished is not None else None
        prompt, completion = (spent.prompt_tokens, spent.completion_tokens) if spent else (0, 0)
        self._usage = _usage(self._usage.prompt_tokens + prompt, self._usage.completion_tokens + completion)
        return _usage(prompt, completion)

    def exhausted(self) -> Ending | None:
        """Return how the run must end because its token limits are used up."""
        if (left := self.prompt_tokens_left()) is not None and left <= 0:
            return endings.OUT_OF_PROMPT
        if (left := self.completion_tokens_left()) is not None and left <= 0:
            return endings.OUT_OF_COMPLETION
        return None

    def prompt_tokens_left(self) -> int | None:
        """Return what `max_prompt_tokens` leaves; None without a limit."""
        limit = self.run.max_prompt_tokens
        return None if limit is None else limit - self._usage.prompt_tokens

    def completion_tokens_left(self) -> int | None:
        """Return what `max_completion_tokens` leaves; None without a limit."""
        limit = self.run.max_completion_tokens
        return None if limit is None else limit - self._usage.completion_tokens

    async def _move(self, status: RunStatus, changes: dict[str, Any]) -> None:
        run_id = self.run.id
        self.run = self.run.model_validate({**self.run.model_dump(), **changes, "status": status})

        def move(connection: Connection) -> None:
            if not move_run(connection, run_id, status, changes):
                raise LostLeaseError(run_id)

        self.outbox.write(move)
        self.outbox.tell(object_event(f"thread.run.{status}", self.run))
        await self.outbox.flush()

    def _end(self, connection: Connection, wanted: Ending) -> None:
        for ending in (wanted, endings.CANCELLED):
            changes = self._end_changes(ending)
            if move_run(connection, self.run.id, ending.run, changes):
                self.run = self.run.model_validate({**self.run.model_dump(), **changes, "status": ending.run})
                return
        raise LostLeaseError(self.run.id)

    def _end_changes(self, ending: Ending) -> dict[str, Any]:
        changes: dict[str, Any] = {
            "expires_at": None,
            "required_action": None,
            "usage": self._usage.model_dump(),
            "last_error": ending.error,
            "incomplete_details": {"reason": ending.run_reason} if ending.run_reason else None,
        }
        if (field := RUN_TIME_FIELD.get(ending.run)) is not None:
            changes[field] = self._engine.now()
        return changes


def _drop_open(connection: Connection, run_id: str) -> None:
    for table in (tables.messages, tables.steps):
        connection.execute(delete(table).where(table.c.run_id == run_id, table.c.status == "in_progress"))


def _note(connection: Connection, run_id: str, changes: dict[str, str]) -> None:
    rows.update_row(connection, tables.runs, run_id, changes)


def read_answered_steps(connection: Connection, run_id: str) -> list[RunStep]:
    """Return the steps of a run whose functions were answered but which are still open."""
    query = select(tables.steps).where(
        tables.steps.c.run_id == run_id, tables.steps.c.type == "tool_calls", tables.steps.c.status == "in_progress"
    )
    return [RunStep.model_validate(row) for row in connection.execute(query).mappings()]


def _usage(prompt: int, completion: int) -> Usage:
    return Usage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)

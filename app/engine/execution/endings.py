"""How what a run leaves open is closed, for each way a run can end."""

from __future__ import annotations

from dataclasses import dataclass

from app.wire.messages import MessageStatus
from app.wire.runs import RunStatus
from app.wire.steps import StepStatus


@dataclass(frozen=True, slots=True)
class Ending:
    """A way to end: the run's status, its open message's and open step's, and the reasons they carry."""

    run: RunStatus
    message: MessageStatus
    step: StepStatus
    message_reason: str | None = None
    run_reason: str | None = None
    error: dict[str, str] | None = None


COMPLETED = Ending(RunStatus.COMPLETED, "completed", "completed")
CANCELLED = Ending(RunStatus.CANCELLED, "incomplete", "cancelled", "run_cancelled")
EXPIRED = Ending(RunStatus.EXPIRED, "incomplete", "expired", "run_expired")
OUT_OF_COMPLETION = Ending(RunStatus.INCOMPLETE, "incomplete", "completed", "max_tokens", "max_completion_tokens")
OUT_OF_PROMPT = Ending(RunStatus.INCOMPLETE, "incomplete", "completed", "max_tokens", "max_prompt_tokens")
FILTERED = Ending(RunStatus.INCOMPLETE, "incomplete", "completed", "content_filter", "content_filter")


def failed(code: str, message: str) -> Ending:
    """Make the ending of a run that failed; `code` is one of `last_error.code`."""
    return Ending(RunStatus.FAILED, "incomplete", "failed", "run_failed", error={"code": code, "message": message})


RUN_TIME_FIELD: dict[RunStatus, str] = {
    RunStatus.COMPLETED: "completed_at",
    RunStatus.INCOMPLETE: "completed_at",
    RunStatus.FAILED: "failed_at",
    RunStatus.CANCELLED: "cancelled_at",
}
"""The time that a run's end sets; an expired run keeps none (its specification has no such field)."""

STEP_TIME_FIELD: dict[StepStatus, str] = {
    "completed": "completed_at",
    "failed": "failed_at",
    "cancelled": "cancelled_at",
    "expired": "expired_at",
}

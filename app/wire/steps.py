"""Run steps on the wire."""

from __future__ import annotations

from typing import Any, Literal

from app.wire.pages import Listed
from app.wire.runs import Usage

StepStatus = Literal["in_progress", "cancelled", "failed", "completed", "expired"]
StepType = Literal["message_creation", "tool_calls"]


class RunStep(Listed):
    """One thing that a run did."""

    object: Literal["thread.run.step"] = "thread.run.step"
    created_at: int
    assistant_id: str
    thread_id: str
    run_id: str
    type: StepType
    status: StepStatus
    step_details: dict[str, Any]
    last_error: dict[str, str] | None
    expired_at: int | None
    cancelled_at: int | None
    failed_at: int | None
    completed_at: int | None
    metadata: dict[str, str]
    usage: Usage | None

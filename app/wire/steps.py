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

    def without_passages(self) -> RunStep:
        """Return the step without the text of what file search found, which is sent on request only."""
        calls = self.step_details.get("tool_calls")
        if not any(call["type"] == "file_search" for call in calls or ()):
            return self
        details = {**self.step_details, "tool_calls": [_without_passages(call) for call in calls or ()]}
        return self.model_copy(update={"step_details": details})


def _without_passages(call: dict[str, Any]) -> dict[str, Any]:
    if "results" not in call.get("file_search", {}):
        return call
    results = [{key: value for key, value in one.items() if key != "content"} for one in call["file_search"]["results"]]
    return {**call, "file_search": {**call["file_search"], "results": results}}

"""What the conversation says about a run, besides what the run itself wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.playground.drafts.notice import Notice
from app.playground.drafts.run_end import RunEnd
from app.playground.drafts.waiting_run import WaitingRun
from app.playground.views.chat import NoticeView

if TYPE_CHECKING:
    from app.connections.types import Run
    from app.playground.drafts.draft import Draft

_UNENDED = frozenset({"queued", "in_progress", "requires_action", "cancelling"})


def remarks(run: Run) -> list[Draft]:
    """Return what stands below a run: why it did not complete, what it waits for, what it used."""
    remark = run_notice(run)
    is_counted = run.status not in _UNENDED and run.usage is not None and run.usage.total_tokens > 0
    return [*([remark] if remark else []), *([RunEnd(run)] if is_counted else [])]


def run_notice(run: Run) -> Notice | WaitingRun | None:
    """Return what the conversation says about a run that did not complete, or that waits for outputs."""
    if run.status == "requires_action":
        return WaitingRun(run)
    shown = _notice(run)
    return Notice(replace(shown, can_retry=True), run.id) if shown else None


def _notice(run: Run) -> NoticeView | None:
    notice_id = f"notice-{run.id}"
    match run.status:
        case "failed":
            reason = run.last_error.message if run.last_error else "The service gave no reason."
            code = run.last_error.code if run.last_error else ""
            return NoticeView(notice_id, "The run failed", reason, _next_step(code))
        case "expired":
            text = "A run has ten minutes, with the time in which it waits for the outputs of functions."
            next_step = "Run it again. What was typed for a function stays at its call."
            return NoticeView(notice_id, "The run expired", text, next_step, "warn")
        case "incomplete":
            reason = (run.incomplete_details and run.incomplete_details.reason) or "a limit"
            text = f"It reached its limit ({reason.replace('_', ' ')})."
            return NoticeView(notice_id, "The answer is incomplete", text, "", "warn", "triangle-alert")
        case "cancelled":
            return NoticeView(notice_id, "Stopped", tone="", icon="circle-slash")
        case _:
            return None


def _next_step(code: str) -> str:
    match code:
        case "rate_limit_exceeded":
            return "Wait a moment, then run it again, or choose another deployment in the setup."
        case "invalid_prompt":
            return "Change the message or the instructions, then run it again."
        case _:
            return "Run it again, or choose another deployment in the setup."

"""A step of tool calls, finished or on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from app.connections.types import (
    CodeInterpreterToolCall,
    CodeInterpreterToolCallDelta,
    FileSearchToolCall,
    FileSearchToolCallDelta,
    FunctionToolCall,
    FunctionToolCallDelta,
    RunStep,
    RunStepDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallDeltaObject,
    ToolCallsStepDetails,
)
from app.playground.drafts.code_call import CodeCall, code_call
from app.playground.drafts.function_call import FunctionCall, function_call
from app.playground.drafts.search_call import SearchCall, search_call
from app.playground.views.chat import CallView, ItemView, StepView

if TYPE_CHECKING:
    from app.playground.drafts.surroundings import Surroundings


class Call(Protocol):
    """One tool call of a step: it grows by deltas, and is shown by its view's template."""

    @property
    def doing(self) -> str:
        """What the assistant does while the call goes on."""

    def extend(self, delta: ToolCallDelta) -> None:
        """Take the next piece."""

    def view(self, around: Surroundings, /) -> CallView:
        """Return what the page shows of it."""


@dataclass(slots=True)
class StepDraft:
    """A step with the calls that the page shows, by their index."""

    id: str
    run_id: str
    created_at: int
    status: str
    ended_at: int | None
    calls: dict[int, Call]

    @property
    def doing(self) -> str:
        """What the assistant does in it."""
        first = next(iter(self.calls.values()), None)
        return first.doing if first else "Running code"

    def extend(self, delta: RunStepDelta) -> bool:
        """Take the next pieces of the calls, and tell whether there is anything to show."""
        if not isinstance(delta.step_details, ToolCallDeltaObject):
            return False
        for piece in delta.step_details.tool_calls or []:
            call = self.calls.get(piece.index) or _new_call(piece, self.run_id)
            if call is not None:
                self.calls[piece.index] = call
                call.extend(piece)
        return bool(self.calls)

    def view(self, around: Surroundings) -> ItemView:
        """Return what the page shows of it."""
        return StepView(
            id=self.id,
            state="running" if self.status == "in_progress" else "done" if self.status == "completed" else "failed",
            seconds=_seconds(self.created_at, self.ended_at),
            calls=tuple(call.view(around) for _, call in sorted(self.calls.items())),
        )


def step_draft(step: RunStep) -> StepDraft | None:
    """Make a draft of a step of tool calls as the API shows it; other steps have none."""
    if not isinstance(step.step_details, ToolCallsStepDetails):
        return None
    calls = ((index, _call(call, step)) for index, call in enumerate(step.step_details.tool_calls or []))
    return StepDraft(
        id=step.id,
        run_id=step.run_id,
        created_at=step.created_at,
        status=step.status,
        ended_at=step.completed_at or step.failed_at or step.cancelled_at,
        calls={index: call for index, call in calls if call is not None},
    )


def _new_call(delta: ToolCallDelta, run_id: str) -> Call | None:
    if isinstance(delta, FunctionToolCallDelta):
        return FunctionCall(run_id)
    if isinstance(delta, FileSearchToolCallDelta):
        return SearchCall()
    return CodeCall() if isinstance(delta, CodeInterpreterToolCallDelta) else None


def _call(call: ToolCall, step: RunStep) -> Call | None:
    if isinstance(call, FileSearchToolCall):
        return search_call(call, step)
    if isinstance(call, FunctionToolCall):
        return function_call(call, step.run_id)
    return code_call(call) if isinstance(call, CodeInterpreterToolCall) else None


def _seconds(began_at: int, ended_at: int | None) -> str:
    if ended_at is None:
        return ""
    return f"{ended_at - began_at} s" if ended_at > began_at else "under 1 s"

"""A call of a function, on its way, waiting for its output, or answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.connections.types import FunctionToolCall, FunctionToolCallDelta, ToolCallDelta
from app.playground.text import shown_json
from app.playground.views.calls import CallState, FunctionCallView, OutputFieldView

if TYPE_CHECKING:
    from app.journal.call_outputs import CallOutput
    from app.playground.drafts.surroundings import Surroundings


@dataclass(slots=True)
class FunctionCall:
    """The function's name and arguments as the model wrote them, and the output once it is submitted."""

    run_id: str
    id: str = ""
    name: str = ""
    arguments: str = ""
    output: str | None = None

    @property
    def doing(self) -> str:
        """What the assistant does while the call is written."""
        return f"Calling {self.name or 'a function'}"

    def extend(self, delta: ToolCallDelta) -> None:
        """Take the next piece of the name or the arguments."""
        if not isinstance(delta, FunctionToolCallDelta):
            return
        self.id = delta.id or self.id
        if delta.function is not None:
            self.name += delta.function.name or ""
            self.arguments += delta.function.arguments or ""
            self.output = delta.function.output or self.output

    def view(self, around: Surroundings) -> FunctionCallView:
        """Return what the page shows of it."""
        state, kept = self._state(around), around.outputs.get(self.id)
        text = kept.text if kept else ""
        return FunctionCallView(
            id=self.id,
            name=self.name or "function",
            arguments=shown_json.coloured(self.arguments),
            state=state,
            output=None if self.output is None else shown_json.coloured(self.output),
            is_mocked=self.is_mocked(kept),
            unsent=shown_json.coloured(text) if state == "unanswered" and text else None,
            field=self.field(text, is_mock=kept is not None and kept.is_mocked) if state == "waiting" else None,
        )

    def is_mocked(self, kept: CallOutput | None) -> bool:
        """Tell whether the output that was submitted is the mock that the page kept for the call."""
        return kept is not None and kept.is_mocked and kept.text == self.output

    def field(self, text: str, *, is_mock: bool = False) -> OutputFieldView:
        """Return the field that takes the output, with this text in it."""
        return OutputFieldView(self.id, self.name, f"outputs-{self.run_id}", text, is_mock)

    def _state(self, around: Surroundings) -> CallState:
        if self.output is not None:
            return "done"
        if self.id in around.waiting:
            return "waiting"
        return "writing" if self.run_id in around.active_runs else "unanswered"


def function_call(call: FunctionToolCall, run_id: str) -> FunctionCall:
    """Make a draft of a call as the API shows it."""
    return FunctionCall(run_id, call.id, call.function.name, call.function.arguments, call.function.output)

"""A run that waits for the outputs of functions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.playground.views.calls import OutputsView

if TYPE_CHECKING:
    from app.connections.types import Run
    from app.playground.drafts.surroundings import Surroundings
    from app.playground.views.chat import ItemView


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """Shown as the form that submits the outputs."""

    run: Run

    @property
    def id(self) -> str:
        """The id of the element."""
        return f"outputs-{self.run.id}"

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.id

    def view(self, _around: Surroundings) -> ItemView:
        """Return what the page shows of it."""
        action, expires_at = self.run.required_action, self.run.expires_at
        count = len(action.submit_tool_outputs.tool_calls) if action else 0
        return OutputsView(self.id, self.run.id, called(self.run), count, expires_at, _left(expires_at))


def called(run: Run) -> tuple[str, ...]:
    """Return the functions that a run waits for, each once."""
    action = run.required_action
    calls = action.submit_tool_outputs.tool_calls if action else []
    return tuple(dict.fromkeys(call.function.name for call in calls))


def _left(expires_at: int | None) -> str:
    seconds = max(0, (expires_at or 0) - int(time.time()))
    return f"{seconds // 60}:{seconds % 60:02}"

"""What a run used, below its last item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.playground.chat.costs import answering_model
from app.playground.views.calls import RunEndView

if TYPE_CHECKING:
    from app.connections.types import Run
    from app.playground.drafts.surroundings import Surroundings
    from app.playground.views.chat import ItemView


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run that has ended and used tokens."""

    run: Run

    @property
    def id(self) -> str:
        """The id of the element."""
        return f"end-{self.run.id}"

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.id

    def view(self, around: Surroundings) -> ItemView:
        """Return what the page shows of it."""
        usage = self.run.usage
        return RunEndView(
            id=self.id,
            prompt_tokens=usage.prompt_tokens if usage else 0,
            completion_tokens=usage.completion_tokens if usage else 0,
            seconds=_seconds(self.run),
            cost=around.cost(self.run),
            model=answering_model(self.run),
        )


def _seconds(run: Run) -> str:
    ended_at = run.completed_at or run.failed_at or run.cancelled_at
    began_at = run.started_at or run.created_at
    if ended_at is None:
        return ""
    return f"{ended_at - began_at} s" if ended_at > began_at else "under 1 s"

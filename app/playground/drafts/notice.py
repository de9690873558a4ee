"""A sentence in the conversation about one of its runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.playground.views.chat import ItemView, NoticeView

if TYPE_CHECKING:
    from app.playground.drafts.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about a run."""

    shown: NoticeView
    run_id: str | None = None

    @property
    def id(self) -> str:
        """The id of the element."""
        return self.shown.id

    def view(self, _around: Surroundings) -> ItemView:
        """Return what the page shows of it."""
        return self.shown

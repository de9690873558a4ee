"""One entry of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["exchange", "run_event", "note"]
"""`exchange`: an API call; `run_event`: an event of a run's stream (its object is the detail); `note`: a line."""

State = Literal["ok", "failed", "running"]

LOCAL = "local"
"""The principal of the page's own calls."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `number` grows with time and is what a page resumes after."""

    number: int
    session_id: str
    """The chat session's; empty for what programs did."""
    kind: Kind
    data: Mapping[str, object]
    """A line's worth of facts."""
    created_at: float
    thread_id: str | None = None
    run_id: str | None = None
    name: str = ""
    """The method of an exchange, the name of an event."""
    state: State = "ok"
    principal: str = LOCAL
    """Who asked: `local` for the page, for programs what stands for their key."""
    amends: int | None = None
    """The number of an earlier entry that has changed: this one only says so."""
    detail: str | None = field(default=None, compare=False)
    """What is too long for a line, as JSON text; lists carry it for events only."""

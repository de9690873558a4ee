"""What the chat pane says about the run that locks the thread."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LockView:
    """The run, why it locks the thread, and what ends it."""

    run_id: str
    state: str
    title: str
    text: str
    created_at: int
    age: str
    """Its age as minutes and seconds."""
    is_alarming: bool
    """Whether it is to be seen without being asked for: it is another program's, or takes long."""
    can_cancel: bool
    can_submit: bool

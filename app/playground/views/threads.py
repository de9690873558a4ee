"""The list of threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from app.playground.views.chat import Tone
from app.playground.views.log_texts import run_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.connections.extensions import ThreadSummary

_TONES: Final[dict[str, Tone]] = {
    "queued": "good",
    "in_progress": "good",
    "cancelling": "warn",
    "requires_action": "warn",
    "failed": "bad",
    "expired": "warn",
    "incomplete": "warn",
    "cancelled": "",
}


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One thread; a completed run needs no words."""

    id: str
    title: str
    is_named: bool
    time: str
    assistant: str = ""
    state: str = ""
    tone: Tone = ""
    is_current: bool = False
    forked_from: str = ""


@dataclass(frozen=True, slots=True)
class ThreadsView:
    """A page of the list; `after` is the thread behind which it goes on."""

    rows: tuple[ThreadView, ...]
    query: str = ""
    after: str = ""
    note: str = ""


def thread_view(thread: ThreadSummary, *, title: str | None, names: Mapping[str, str], current_id: str) -> ThreadView:
    """Return a thread as the list shows it."""
    run = thread.last_run
    status = run.status if run and run.status in _TONES else ""
    return ThreadView(
        id=thread.id,
        title=title or thread.title or "Without words",
        is_named=title is not None,
        time=_time(thread.created_at),
        assistant=names.get(run.assistant_id, "") if run else "",
        state=run_state(status),
        tone=_TONES.get(status, ""),
        is_current=thread.id == current_id,
        forked_from=(thread.metadata or {}).get("forked_from", ""),
    )


def _time(seconds: int) -> str:
    """Return the time of day of today, and the date of other days."""
    then, now = datetime.fromtimestamp(seconds).astimezone(), datetime.now().astimezone()
    if then.date() == now.date():
        return then.strftime("%H:%M")
    return then.strftime("%d %b" if then.year == now.year else "%d %b %Y").lstrip("0")

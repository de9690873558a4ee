"""Threads in a list, on the wire: an extension, as the hosted services listed none."""

from __future__ import annotations

from typing import Literal

from app.wire.base import WireModel
from app.wire.pages import Listed
from app.wire.runs import RunStatus


class LastRun(WireModel):
    """The newest run of a thread, in short."""

    id: str
    status: RunStatus
    assistant_id: str


class ThreadSummary(Listed):
    """A thread in short: what the first message of a user says and how it stands."""

    object: Literal["thread.summary"] = "thread.summary"
    created_at: int
    title: str | None
    last_run: LastRun | None
    metadata: dict[str, str]

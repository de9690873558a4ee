"""An API call as the log keeps it: a line's worth of facts, and the detail that is read when it is unfolded."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.journal.entry import State

_THREAD = re.compile(r"/threads/(thread_\w{1,57})")
_RUN = re.compile(r"/runs/(run_\w{1,60})")
_NEW_RUN = re.compile(rb'"id":\s*"(run_\w{1,60})"')
_NEW_THREAD = re.compile(rb'"(?:id|thread_id)":\s*"(thread_\w{1,57})"')
_FIRST_BAD_STATUS: Final = 400


@dataclass(frozen=True, slots=True)
class Detail:
    """What an exchange carried, without its secrets."""

    request_headers: list[list[str]]
    request_body: str | None = None
    response_headers: list[list[str]] | None = None
    response_body: str | None = None
    marks: list[list[float]] | None = None
    """For event streams: pairs of milliseconds since the start and how many events were complete by then."""

    def as_text(self) -> str:
        """Return it as the journal's JSON text."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One API call; a stream is recorded twice under one `id`: when it begins (`is_finished` false) and at its end."""

    id: str
    method: str
    path: str
    began_at: float
    detail: Detail
    status: int | None = None
    duration_ms: float = 0.0
    request_id: str | None = None
    is_finished: bool = False
    error: str | None = None
    """Why there is no complete response: the connection failed, or the caller hung up."""
    thread_id: str | None = None
    run_id: str | None = None
    so_far: Callable[[], Exchange] | None = field(default=None, compare=False, repr=False)
    """Of a stream that has begun: what is known of it at any later time."""

    @property
    def state(self) -> State:
        """How it went, or that it still goes on."""
        if not self.is_finished:
            return "running"
        is_bad = self.error is not None or self.status is None or self.status >= _FIRST_BAD_STATUS
        return "failed" if is_bad else "ok"

    def as_data(self) -> dict[str, object]:
        """Return a line's worth of facts as the journal's JSON."""
        names = ("id", "method", "path", "status", "duration_ms", "request_id", "is_finished", "error")
        return {name: getattr(self, name) for name in names}


def subjects(method: str, path: str, response_start: bytes) -> tuple[str | None, str | None]:
    """Return the ids of the thread and the run that a call is about: from its path, or from what it made."""
    bare = path.partition("?")[0]
    thread, run = _THREAD.search(bare), _RUN.search(bare)
    made_thread = made_run = None
    if method == "POST" and run is None and bare.endswith("/runs"):
        made_run = _NEW_RUN.search(response_start)
    if method == "POST" and thread is None and bare.endswith(("/threads", "/threads/runs")):
        made_thread = _NEW_THREAD.search(response_start)
    return _text(thread, made_thread), _text(run, made_run)


def _text(found: re.Match[str] | None, made: re.Match[bytes] | None) -> str | None:
    if found is not None:
        return found[1]
    return cast("bytes", made[1]).decode() if made is not None else None

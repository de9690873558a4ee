"""The rows of the wire view: API calls, events of runs and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from app.playground.views import log_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.journal.entry import Entry
    from app.playground.views.chat import Tone


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row: an API call (`verb` and `path`) or something that happened (`title` and `text`)."""

    number: int
    kind: str
    time: str
    tone: Tone = ""
    verb: str = ""
    path: str = ""
    title: str = ""
    text: str = ""
    status: str = ""
    duration: str = ""
    is_programs: bool = False
    has_detail: bool = True

    @property
    def key(self) -> str:
        """The id of the element."""
        return f"log-{self.number}"


def log_row(entry: Entry) -> LogRow:
    """Return the row of an entry."""
    time = log_texts.time_of_day(entry.created_at)
    match entry.kind:
        case "exchange":
            return _exchange_row(entry, time)
        case "run_event":
            return _event_row(entry, time)
        case "note":
            text = str(entry.data.get("text", ""))
            return LogRow(entry.number, "event", time, title=text, has_detail=False)


def call_status(data: Mapping[str, object]) -> str:
    """Return the status of a call, also of one that got no answer."""
    if data.get("status") is not None:
        return str(data["status"])
    return "no answer" if data.get("is_finished") else ""


def _exchange_row(entry: Entry, time: str) -> LogRow:
    data = entry.data
    took = log_texts.duration(cast("float", data.get("duration_ms") or 0.0))
    running = "streaming" if entry.state == "running" else "no end seen"
    return LogRow(
        number=entry.number,
        kind="call",
        time=time,
        tone="bad" if entry.state == "failed" else "",
        verb=str(data.get("method", "")),
        path=log_texts.short_path(str(data.get("path", ""))),
        status=call_status(data),
        duration=took if data.get("is_finished") else running,
        is_programs=not entry.session_id,
    )


def _event_row(entry: Entry, time: str) -> LogRow:
    body = log_texts.mapping(log_texts.read_json(entry.detail))
    return LogRow(
        number=entry.number,
        kind="event",
        time=time,
        tone=log_texts.STATE_TONES.get(entry.name.rpartition(".")[2], ""),
        title=entry.name,
        text=log_texts.summary(body),
        is_programs=not entry.session_id,
        has_detail=entry.detail is not None,
    )

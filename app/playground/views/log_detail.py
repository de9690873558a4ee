"""What unfolds below a row of the wire view: the whole call with its events, or an event's object."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from app.playground.views import log_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.journal.entry import Entry

_EVENT_BREAK = re.compile(r"\r\n\r\n|\n\n|\r\r")
_MOST_EVENTS: Final = 1_000
_LANGUAGES: Final = {"json": "JSON", "curl": "curl", "python": "Python", "javascript": "JavaScript"}


@dataclass(frozen=True, slots=True)
class BodyView:
    """A body or a list of headers; `size` says how long it is."""

    title: str
    text: str
    size: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class EventView:
    """One server-sent event, raw; `at` is its time since the start of the call."""

    at: str
    name: str
    data: str


@dataclass(frozen=True, slots=True)
class DetailView:
    """Everything about one entry."""

    number: int
    address: str = ""
    facts: str = ""
    error: str = ""
    run_id: str = ""
    bodies: tuple[BodyView, ...] = ()
    events: tuple[EventView, ...] = ()
    events_left_out: int = 0
    languages: Mapping[str, str] | None = None
    is_running: bool = False


def detail_view(entry: Entry) -> DetailView:
    """Return what unfolds below an entry's row, of a stream that goes on its whole events."""
    if entry.kind == "exchange":
        return _exchange_detail(entry)
    body = BodyView("Object", log_texts.pretty(entry.detail or "null"), is_open=True)
    return DetailView(entry.number, run_id=entry.run_id or "", bodies=(body,))


def exchange_parts(entry: Entry) -> Mapping[str, object]:
    """Return an exchange's headers and bodies."""
    return log_texts.mapping(log_texts.read_json(entry.detail))


def header(headers: object, name: str) -> str:
    """Return one header of a kept list."""
    pairs = cast("Sequence[Sequence[str]]", log_texts.items(headers))
    return next((value for key, value in pairs if key == name), "")


def _exchange_detail(entry: Entry) -> DetailView:
    data, parts = entry.data, exchange_parts(entry)
    is_stream = header(parts.get("response_headers"), "content-type").startswith("text/event-stream")
    text, is_running = str(parts.get("response_body") or ""), entry.state == "running"
    events = _events(_whole_events(text) if is_running else text, parts.get("marks")) if is_stream else []
    bodies = [
        _headers("Request headers", parts.get("request_headers")),
        _body("Request", parts.get("request_body")),
        _headers("Response headers", parts.get("response_headers")),
        None if is_stream else _body("Response", parts.get("response_body")),
    ]
    return DetailView(
        number=entry.number,
        address=str(data.get("path", "")),
        facts=_facts(entry),
        error=str(data.get("error") or "") or ("Its end was not seen." if _was_cut(entry) else ""),
        run_id=entry.run_id or "",
        bodies=tuple(body for body in bodies if body),
        events=tuple(events[:_MOST_EVENTS]),
        events_left_out=max(0, len(events) - _MOST_EVENTS),
        languages=_LANGUAGES,
        is_running=is_running,
    )


def _was_cut(entry: Entry) -> bool:
    return entry.state == "failed" and not entry.data.get("is_finished")


def _facts(entry: Entry) -> str:
    request_id = entry.data.get("request_id")
    who = "by the page" if entry.session_id else "by a program" if entry.principal else "by a program without a key"
    return f"Called {who}{f', request {request_id}' if request_id else ''}"


def _headers(title: str, headers: object) -> BodyView | None:
    pairs = cast("Sequence[Sequence[str]]", log_texts.items(headers))
    return BodyView(title, "\n".join(f"{name}: {value}" for name, value in pairs), str(len(pairs))) if pairs else None


def _body(title: str, text: object) -> BodyView | None:
    if not isinstance(text, str):
        return None
    return BodyView(title, log_texts.pretty(text), f"{len(text):,} characters", is_open=True)


def _whole_events(text: str) -> str:
    """Return a stream's text without an event that has arrived in part."""
    ends = [found.end() for found in _EVENT_BREAK.finditer(text)]
    return text[: ends[-1]] if ends else ""


def _events(text: str, marks: object) -> list[EventView]:
    views: list[EventView] = []
    times = [cast("Sequence[float]", mark) for mark in log_texts.items(marks)]
    position = 0
    for number, block in enumerate(_EVENT_BREAK.split(text), start=1):
        while position < len(times) - 1 and times[position][1] < number:
            position += 1
        at = log_texts.duration(times[position][0]) if times else ""
        fields = _fields(block)
        if fields:
            views.append(EventView(at, fields.get("event", "message"), fields.get("data", "")))
    return views


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in block.splitlines():
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name in {"event", "data", "id"}:
            fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields


def events_of(text: str) -> list[dict[str, object]]:
    """Return the events of a stream's text with what their data say."""
    blocks = (_fields(block) for block in _EVENT_BREAK.split(text))
    return [
        {name: log_texts.read_json(value) if name == "data" else value for name, value in block.items()}
        for block in blocks
        if block
    ]


def as_json(entry: Entry) -> str:
    """Return an entry as JSON for programs and people: bodies as what they say."""
    parts = dict(exchange_parts(entry)) if entry.kind == "exchange" else {"object": log_texts.read_json(entry.detail)}
    for name in ("request_body", "response_body"):
        if isinstance(parts.get(name), str):
            parts[name] = _read_body(str(parts[name]), header(parts.get(name[:-4] + "headers"), "content-type"))
    facts = {
        "number": entry.number,
        "kind": entry.kind,
        "name": entry.name,
        "state": entry.state,
        "at": entry.created_at,
        "principal": entry.principal,
        "thread_id": entry.thread_id,
        "run_id": entry.run_id,
    }
    return json.dumps(facts | dict(entry.data) | parts, ensure_ascii=False)


def _read_body(text: str, content_type: str) -> object:
    return events_of(text) if content_type.startswith("text/event-stream") else log_texts.read_json(text)

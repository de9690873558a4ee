"""The logs pane's rows, made from journal entries."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from app.playground.drafts.code_call import highlighted
from app.playground.views.chat import CodeCallView, ImageView, OutputView, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.journal.journal import Entry

_FAILED = frozenset({"failed", "expired"})
_TEXT_LIMIT = 120
_PREFIX = re.compile(r"^/(openai/v1|openai|v1)(?=/)")
_ID = re.compile(r"\b[a-z]+[_-]\w{16,}(\w{4})\b")


@dataclass(frozen=True, slots=True)
class BodyView:
    """A body, folded; `size` says how long it is."""

    title: str
    text: str
    size: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row: an API call (`verb` and `path`) or something that happened (`title` and `text`)."""

    key: str
    """The same for the two entries of one streamed call, which share a row."""
    kind: str
    time: str
    tone: Tone = ""
    verb: str = ""
    path: str = ""
    title: str = ""
    text: str = ""
    status: str = ""
    duration: str = ""
    is_read: bool = False
    calls: tuple[CodeCallView, ...] = ()
    bodies: tuple[BodyView, ...] = ()

    @property
    def has_detail(self) -> bool:
        """Whether there is something to unfold."""
        return bool(self.calls or self.bodies)


def log_rows(entries: Iterable[Entry]) -> list[LogRow]:
    """Return one row for each thing, with what is known of it last, in the order in which they began."""
    rows: dict[str, LogRow] = {}
    for entry in entries:
        row = log_row(entry)
        rows[row.key] = row
    return list(rows.values())


def log_row(entry: Entry) -> LogRow:
    """Return the row of an entry."""
    began_at = entry.created_at - _milliseconds(entry.data) / 1000
    time = datetime.fromtimestamp(began_at).astimezone().strftime("%H:%M:%S")
    match entry.kind:
        case "exchange":
            return _exchange_row(entry, time)
        case "run_event":
            return _event_row(entry, time)
        case "note":
            text = str(entry.data.get("text", ""))
            return LogRow(f"log-{entry.number}", "event", time, title=text)


def _exchange_row(entry: Entry, time: str) -> LogRow:
    data = entry.data
    status, error = data.get("status"), data.get("error")
    is_bad = bool(error) or (isinstance(status, int) and status >= 400)  # noqa: PLR2004  HTTP's own limit.
    bodies = [
        _body("Address", str(data.get("path", ""))),
        _body("Request", data.get("request_body")),
        _body("Response", data.get("response_body")),
        _body("Error", error),
    ]
    return LogRow(
        key=f"log-{data.get('id', entry.number)}",
        kind="call",
        time=time,
        tone="bad" if is_bad else "",
        verb=str(data.get("method", "")),
        path=_short_path(str(data.get("path", ""))),
        status=str(status or "no answer"),
        duration=_duration(data) if data.get("is_finished") else "streaming",
        is_read=data.get("method") == "GET",
        bodies=tuple(body for body in bodies if body),
    )


def _event_row(entry: Entry, time: str) -> LogRow:
    name = str(entry.data.get("name", ""))
    body = _mapping(entry.data.get("data"))
    calls = tuple(_code_calls(body))
    object_body = _body("Object", body)
    state = name.rpartition(".")[2]
    return LogRow(
        key=f"log-{entry.number}",
        kind="event",
        time=time,
        tone="bad" if state in _FAILED else "good" if state == "completed" else "",
        title=name,
        text=_summary(body),
        calls=calls,
        bodies=(object_body,) if object_body else (),
    )


def _summary(body: Mapping[str, object]) -> str:
    match body.get("object"):
        case "thread.run":
            usage = _mapping(body.get("usage"))
            error = _mapping(body.get("last_error"))
            tokens = f"{usage['total_tokens']} tokens" if usage.get("total_tokens") else ""
            return str(error.get("message") or tokens or _answered_by(body))
        case "thread.run.step":
            details = _mapping(body.get("step_details"))
            kinds = [str(_mapping(call).get("type")) for call in _list(details.get("tool_calls"))]
            return ", ".join(kinds) or str(body.get("type") or "")
        case "thread.message":
            return _first_words(body)
        case _:
            return ""


def _answered_by(body: Mapping[str, object]) -> str:
    model, real = str(body.get("model") or ""), str(body.get("answered_by") or "")
    if real.startswith(model):
        return real
    return f"{model}, answered by {real}" if real else model


def _first_words(body: Mapping[str, object]) -> str:
    texts = (_mapping(_mapping(part).get("text")).get("value") for part in _list(body.get("content")))
    words = " ".join(str(text) for text in texts if text)
    return words if len(words) <= _TEXT_LIMIT else words[:_TEXT_LIMIT] + "…"


def _code_calls(body: Mapping[str, object]) -> Iterable[CodeCallView]:
    if body.get("status") == "in_progress":
        return
    for call in _list(_mapping(body.get("step_details")).get("tool_calls")):
        interpreter = _mapping(_mapping(call).get("code_interpreter"))
        if interpreter:
            outputs = tuple(_output(_mapping(output)) for output in _list(interpreter.get("outputs")))
            yield CodeCallView(highlighted(str(interpreter.get("input") or "")), outputs)


def _output(output: Mapping[str, object]) -> OutputView:
    file_id = _mapping(output.get("image")).get("file_id")
    if file_id:
        return OutputView(image=ImageView(str(file_id), "Figure drawn by the code"))
    return OutputView(text=str(output.get("logs") or ""))


def _body(title: str, value: object) -> BodyView | None:
    if value is None or value == {}:
        return None
    text = value if isinstance(value, str) else _pretty(value)
    return BodyView(title, text, "" if title in {"Address", "Error"} else f"{len(text):,} characters", title == "Error")


def _pretty(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(item, dict) and "event" in item for item in value):
        return "\n".join(f"{item['event']}  {json.dumps(item.get('data'), ensure_ascii=False)}" for item in value)
    return json.dumps(value, indent=2, ensure_ascii=False)


def _short_path(path: str) -> str:
    """Return the path as it fits a row: without its prefix and query, ids cut short; the address is below."""
    return _ID.sub(r"…\1", _PREFIX.sub("", path.partition("?")[0]))


def _duration(data: Mapping[str, object]) -> str:
    milliseconds = _milliseconds(data)
    return f"{milliseconds / 1000:.1f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"  # noqa: PLR2004  s to ms


def _milliseconds(data: Mapping[str, object]) -> float:
    return cast("float", data.get("duration_ms") or 0.0)


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []

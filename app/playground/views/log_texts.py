"""How times, paths and amounts are written in the logs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

from app.playground.views.chat import Tone

_PREFIX = re.compile(r"^/(openai/v1|openai|v1)(?=/)")
_ID = re.compile(r"\b[a-z]+[_-]\w{16,}(\w{4})\b")
_SECOND_MS: Final = 1000
_MINUTE_SECONDS: Final = 60
_TEXT_LIMIT: Final = 120
STATE_TONES: Final[Mapping[str, Tone]] = {
    "completed": "good",
    "failed": "bad",
    "expired": "bad",
    "incomplete": "warn",
    "requires_action": "warn",
    "error": "bad",
}
_RUN_STATES: Final = {
    "in_progress": "running",
    "requires_action": "waits for outputs",
    "cancelling": "stopping",
    "cancelled": "stopped",
}


def run_state(status: str) -> str:
    """Return a run's status in the page's words, the same everywhere; raw objects keep the API's."""
    return _RUN_STATES.get(status, status.replace("_", " "))


def time_of_day(seconds: float) -> str:
    """Write a time as it fits a row."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


def short_path(path: str) -> str:
    """Return the path as it fits a row: without its prefix and query, ids cut short."""
    return short_id(_PREFIX.sub("", path.partition("?")[0]))


def short_id(text: str) -> str:
    """Cut the ids in a text down to their ends."""
    return _ID.sub(r"…\1", text)


def duration(milliseconds: float) -> str:
    """Write how long something took."""
    if milliseconds < _SECOND_MS:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / _SECOND_MS
    if seconds < _MINUTE_SECONDS:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // _MINUTE_SECONDS} min {int(seconds) % _MINUTE_SECONDS} s"


def summary(body: Mapping[str, object]) -> str:
    """Say in a few words what an event's object tells."""
    match body.get("object"):
        case "thread.run":
            usage, error = mapping(body.get("usage")), mapping(body.get("last_error"))
            tokens = f"{usage['total_tokens']} tokens" if usage.get("total_tokens") else ""
            return cut(str(error.get("message") or tokens or answered_by(body)))
        case "thread.run.step":
            details = mapping(body.get("step_details"))
            kinds = [str(mapping(call).get("type")) for call in items(details.get("tool_calls"))]
            return ", ".join(kinds) or str(body.get("type") or "")
        case "thread.message":
            return cut(message_text(body))
        case _:
            return ""


def answered_by(run: Mapping[str, object]) -> str:
    """Name the model that was asked for, and the one that answered if it is another one."""
    model, real = str(run.get("model") or ""), str(run.get("answered_by") or "")
    if real.startswith(model):
        return real
    return f"{model}, answered by {real}" if real else model


def message_text(message: Mapping[str, object]) -> str:
    """Return a message's text."""
    texts = (mapping(mapping(part).get("text")).get("value") for part in items(message.get("content")))
    return " ".join(str(text) for text in texts if text)


def cut(text: str, limit: int = _TEXT_LIMIT) -> str:
    """Cut a long text short."""
    return text if len(text) <= limit else text[:limit] + "…"


def read_json(text: str | None) -> object:
    """Return what a text says if it is JSON, else the text."""
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return text


def pretty(text: str) -> str:
    """Return JSON with its lines indented, other text as it is."""
    read = read_json(text)
    return text if isinstance(read, str) else json.dumps(read, indent=2, ensure_ascii=False)


def mapping(value: object) -> Mapping[str, object]:
    """Return the value if it is an object, else an empty one."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []

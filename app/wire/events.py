"""Stream events: names, and the frame that carries one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.wire.base import WireModel

ENDING_EVENTS = frozenset(
    {
        "thread.run.completed",
        "thread.run.incomplete",
        "thread.run.failed",
        "thread.run.cancelled",
        "thread.run.expired",
        "thread.run.requires_action",
        "error",
    }
)
"""After one of these an HTTP stream says `done` and ends."""

DONE_FRAME = b"event: done\ndata: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event: its name and its JSON text."""

    name: str
    data: str

    @property
    def frame(self) -> bytes:
        """The event in the form of server-sent events."""
        return f"event: {self.name}\ndata: {self.data}\n\n".encode()

    @property
    def is_ending(self) -> bool:
        """Whether an HTTP stream ends after this event."""
        return self.name in ENDING_EVENTS


def object_event(name: str, body: WireModel) -> StreamEvent:
    """Make an event that carries a whole object."""
    return StreamEvent(name, body.model_dump_json())


def message_delta(message_id: str, part: Mapping[str, object]) -> StreamEvent:
    """Make a `thread.message.delta` with one content part."""
    body = {"id": message_id, "object": "thread.message.delta", "delta": {"content": [part]}}
    return StreamEvent("thread.message.delta", _json(body))


def step_delta(step_id: str, tool_call: Mapping[str, object]) -> StreamEvent:
    """Make a `thread.run.step.delta` with one tool call."""
    details = {"type": "tool_calls", "tool_calls": [tool_call]}
    body = {"id": step_id, "object": "thread.run.step.delta", "delta": {"step_details": details}}
    return StreamEvent("thread.run.step.delta", _json(body))


def error_event(message: str, kind: str, code: str | None) -> StreamEvent:
    """Make an `error` event in both forms: flat as specified, nested as the SDKs raise it."""
    flat = {"message": message, "type": kind, "param": None, "code": code}
    return StreamEvent("error", _json({"error": flat, **flat}))


def _json(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

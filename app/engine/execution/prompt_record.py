"""What each call of a model was sent, kept for the run's prompt view.

A record holds only what the records before it do not: the conversation grows at its end from call to call. Pictures are
named, not kept; what truncation left out is kept by its beginning.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from anyio import to_thread
from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.execution.context import cut, message_tokens, tool_tokens
from app.engine.models.chat_body import message_body, request_settings
from app.engine.models.port import ChatMessage, ChatRequest, Finished, ModelInfo, SystemMessage
from app.engine.store import rows, tables
from app.wire.runs import Run

MOST_CHARACTERS = 2_000_000
"""Of one call's messages; beyond that each loses its middle, in the record only."""

_PREVIEW_CHARACTERS = 300
_SMALL_CHARACTERS = 50_000


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """One call, ready to be stored once it has ended."""

    values: dict[str, Any]

    def insert(self, finished: Finished | None) -> Callable[[Connection], None]:
        """Return the unit of work that stores it, with the tokens that the provider counted."""
        usage = finished.usage if finished is not None else None
        counted = {
            "prompt_tokens": usage.prompt_tokens if usage else None,
            "completion_tokens": usage.completion_tokens if usage else None,
        }
        values = self.values | counted
        return lambda connection: rows.insert_row(connection, tables.prompts, values)


class PromptRecorder:
    """Makes the records of one stretch of a run: from its start, or from the answer to its functions, on."""

    def __init__(self, engine: Engine, run: Run, oldest_seq: int | None) -> None:
        self._engine = engine
        self._run = run
        self._oldest_seq = oldest_seq
        self._known = 0

    async def record(self, model: ModelInfo, messages: Sequence[ChatMessage], request: ChatRequest) -> PromptRecord:
        """Describe a call that is about to be made; `messages` is what `request` was fitted from."""
        content = self._content(model, messages, request)
        self._known = len(messages)
        characters = sum(map(_length, content["new"]))
        if characters > MOST_CHARACTERS:
            content = _cut(content)
        packed = pack(content) if characters < _SMALL_CHARACTERS else await to_thread.run_sync(pack, content)
        return PromptRecord(
            {
                "created_at": self._engine.now(),
                "thread_id": self._run.thread_id,
                "run_id": self._run.id,
                "content": packed,
            }
        )

    def _content(self, model: ModelInfo, messages: Sequence[ChatMessage], request: ChatRequest) -> dict[str, Any]:
        sent = request.messages
        left_out = len(messages) - len(sent)
        system = int(bool(messages) and isinstance(messages[0], SystemMessage))
        hidden = range(system, system + left_out)
        places = [*range(system), *range(hidden.stop, len(messages))]
        changed = {
            place: message for place, message in zip(places, sent, strict=True) if message is not messages[place]
        }
        new = [changed.get(place, messages[place]) for place in range(self._known, len(messages))]
        return {
            "base": self._known,
            "new": [
                _preview(message) if place in hidden else _body(message)
                for place, message in enumerate(new, start=self._known)
            ],
            "changed": {place: _body(message) for place, message in changed.items()},
            "system": system,
            "left_out": [message_tokens(messages[place]) for place in hidden],
            "settings": request_settings(request),
            "tool_tokens": tool_tokens(request.tools),
            "provider": model.provider,
            "context_window": model.context_window,
            "oldest_seq": self._oldest_seq,
        }


def pack(content: dict[str, Any]) -> bytes:
    """Return the content as compressed JSON."""
    return zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 1)


def unpack(content: bytes) -> dict[str, Any]:
    """Return what `pack` packed."""
    unpacked: dict[str, Any] = json.loads(zlib.decompress(content))
    return unpacked


def _cut(content: dict[str, Any]) -> dict[str, Any]:
    allowance = MOST_CHARACTERS // len(content["new"])
    return content | {"new": [_shortened(body, allowance) for body in content["new"]], "is_cut": True}


def _body(message: ChatMessage) -> dict[str, Any]:
    body = message_body(message)
    if isinstance(body["content"], list):
        body["content"] = [_without_picture(part) for part in body["content"]]
    return body


def _without_picture(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] != "image_url" or not part["image_url"]["url"].startswith("data:"):
        return part
    head, _, data = part["image_url"]["url"].partition(",")
    return {**part, "image_url": {**part["image_url"], "url": f"{head},… ({len(data)} characters, not kept)"}}


def _preview(message: ChatMessage) -> dict[str, Any]:
    return _shortened(_body(message), _PREVIEW_CHARACTERS)


def _shortened(body: dict[str, Any], allowance: int) -> dict[str, Any]:
    shorter = dict(body)
    if isinstance(body.get("content"), str):
        shorter["content"] = cut(body["content"], allowance)
    elif body.get("content"):
        shorter["content"] = [
            {**part, "text": cut(part["text"], allowance)} if part["type"] == "text" else part
            for part in body["content"]
        ]
    if body.get("tool_calls"):
        shorter["tool_calls"] = [_with_short_arguments(call, allowance) for call in body["tool_calls"]]
    return shorter


def _with_short_arguments(call: dict[str, Any], allowance: int) -> dict[str, Any]:
    function = call["function"]
    return {**call, "function": {**function, "arguments": cut(function["arguments"], allowance)}}


def _length(body: dict[str, Any]) -> int:
    content = body["content"]
    length = len(content) if isinstance(content, str) else sum(len(part.get("text", "")) for part in content or ())
    return length + sum(len(call["function"]["arguments"]) for call in body.get("tool_calls", ()))

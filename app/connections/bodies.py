"""Bodies as the wire log keeps them: JSON, events or text up to a size, else the size alone; secrets are struck out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final

LIMIT_BYTES: Final = 256 * 1024
_STRUCK_OUT = "[redacted]"
_SECRET_NAME = re.compile(
    r"(^|[-_])(api[-_]?key|authorization|password|secret|credentials?|(access|refresh|id|bearer|ad)[-_]?token)$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(r"\bsk-[\w-]{16,}|\bBearer\s+[\w.~+/=-]{8,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_QUERY_VALUE = re.compile(r"(?<=[?&])([^=&]*)=([^&]*)")
_EVENT_BREAK = re.compile(r"\r\n\r\n|\n\n|\r\r")


@dataclass(slots=True)
class Body:
    """A body on its way past the log: the part that is kept, and the size of the whole."""

    content_type: str
    encoding: str = ""
    size_bytes: int = 0
    _kept: bytearray = field(default_factory=bytearray)

    def add(self, chunk: bytes) -> None:
        """Take the next piece; beyond the limit, and for binary content, only its size is kept."""
        self.size_bytes += len(chunk)
        if self._is_text and len(self._kept) < LIMIT_BYTES:
            self._kept += chunk[: LIMIT_BYTES - len(self._kept)]

    def value(self) -> object:
        """Return what the log shows: a JSON value, a list of events, text, a size, or None for nothing."""
        if not self.size_bytes:
            return None
        if not self._is_text:
            return f"<{self.size_bytes} bytes of {self.content_type or 'unknown type'}>"
        text = _SECRET_VALUE.sub(_STRUCK_OUT, self._kept.decode(errors="replace"))
        if self.content_type == "text/event-stream":
            return _events(text) + self._rest()
        if self.size_bytes > LIMIT_BYTES:
            return text + str(self._rest()[0])
        return _json_or_text(text)

    @property
    def _is_text(self) -> bool:
        kinds = ("text/", "application/json", "application/problem+json")
        return self.content_type.startswith(kinds) and self.encoding in {"", "identity"}

    def _rest(self) -> list[object]:
        left = self.size_bytes - len(self._kept)
        return [f"<{left} bytes more>"] if left else []


def media_type(content_type: str) -> str:
    """Return the type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def redact_path(path: str) -> str:
    """Strike out the values of secret-looking names in a path's query."""
    return _QUERY_VALUE.sub(lambda match: f"{match[1]}={_STRUCK_OUT}" if _is_secret(match[1]) else match[0], path)


def _events(text: str) -> list[object]:
    blocks = (_event(block) for block in _EVENT_BREAK.split(text))
    return [event for event in blocks if event]


def _event(block: str) -> dict[str, object]:
    fields: dict[str, list[str]] = {}
    for line in block.splitlines():
        name, _, value = line.partition(":")
        if name in {"event", "data", "id"}:
            fields.setdefault(name, []).append(value.removeprefix(" "))
    event: dict[str, object] = {name: lines[-1] for name, lines in fields.items() if name != "data"}
    if "data" in fields:
        event["data"] = _json_or_text("\n".join(fields["data"]))
    return event


def _json_or_text(text: str) -> object:
    try:
        return json.loads(text, object_hook=_redact)
    except (ValueError, RecursionError):
        return text


def _redact(value: dict[str, object]) -> dict[str, object]:
    return {name: _STRUCK_OUT if _is_secret(name) and content else content for name, content in value.items()}


def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None

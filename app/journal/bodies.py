"""Bodies as the log keeps them: text up to a size, else the size alone; secrets are struck out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from app.redaction import without_secrets

LIMIT_BYTES: Final = 256 * 1024
_TEXT_KINDS: Final = ("text/", "application/json", "application/problem+json")
_MOST_MARKS: Final = 2_000


@dataclass(slots=True)
class Body:
    """A body on its way past the log: the part that is kept, and the size of the whole."""

    content_type: str
    encoding: str = ""
    limit_bytes: int = LIMIT_BYTES
    is_withheld: bool = False
    """Whether its text is nobody's business, such as a downloaded file's."""
    size_bytes: int = 0
    marks: list[list[float]] = field(default_factory=list)
    """For event streams: pairs of milliseconds and how many events were complete by then."""
    _kept: bytearray = field(default_factory=bytearray)
    _events: int = 0

    def add(self, chunk: bytes, elapsed_ms: float = 0.0) -> None:
        """Take the next piece; beyond the limit, and for binary content, only its size is kept."""
        self.size_bytes += len(chunk)
        if not self.is_text or len(self._kept) >= self.limit_bytes:
            return
        if self.is_event_stream:
            self._mark(chunk, elapsed_ms)
        self._kept += chunk[: self.limit_bytes - len(self._kept)]

    def value(self) -> str | None:
        """Return what the log shows: the text, a size, or None for nothing."""
        if not self.size_bytes:
            return None
        if not self.is_text:
            return f"<{self.size_bytes} bytes of {self.content_type or 'unknown type'}>"
        left = self.size_bytes - len(self._kept)
        text = without_secrets(self._kept.decode(errors="replace"))
        return f"{text}<{left} bytes more>" if left else text

    @property
    def is_event_stream(self) -> bool:
        """Whether it is a stream of server-sent events."""
        return self.content_type == "text/event-stream"

    @property
    def is_text(self) -> bool:
        """Whether its text may be kept."""
        return not self.is_withheld and self.content_type.startswith(_TEXT_KINDS) and self.encoding in {"", "identity"}

    @property
    def start(self) -> bytes:
        """The first bytes that are kept."""
        return bytes(self._kept[:2_000])

    def _mark(self, chunk: bytes, elapsed_ms: float) -> None:
        seam = self._kept[-1:] == b"\n" and chunk[:1] == b"\n"
        self._events += chunk.count(b"\n\n") + chunk.count(b"\r\n\r\n") + seam
        if len(self.marks) < _MOST_MARKS:
            self.marks.append([round(elapsed_ms, 1), self._events])


def media_type(content_type: str) -> str:
    """Return the type without its parameters."""
    return content_type.partition(";")[0].strip().lower()

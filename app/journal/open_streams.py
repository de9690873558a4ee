"""The event streams that this process records now: what came of each so far can be read before it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from app.journal.entry import Entry
    from app.journal.exchange import Exchange

SoFar = Callable[[], "Exchange"]

_MOST: Final = 200


class OpenStreams:
    """Knows the newest open streams by their exchanges' ids; it keeps nothing that their recordings don't hold."""

    def __init__(self) -> None:
        self._open: dict[str, SoFar] = {}

    def begin(self, exchange_id: str, so_far: SoFar | None) -> None:
        """Know a stream, until it ends or too many newer ones have begun."""
        if so_far is None:
            return
        self._open[exchange_id] = so_far
        if len(self._open) > _MOST:
            del self._open[next(iter(self._open))]

    def end(self, exchange_id: str) -> None:
        """Forget a stream: all of it is written."""
        self._open.pop(exchange_id, None)

    def so_far(self, entry: Entry) -> Entry | None:
        """Return the entry with what came so far; None where its stream is over, or recorded by another process."""
        so_far = self._open.get(str(entry.data.get("id"))) if entry.state == "running" else None
        if so_far is None:
            return None
        exchange = so_far()
        return replace(entry, data=exchange.as_data(), detail=exchange.detail.as_text())

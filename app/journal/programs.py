"""Writes down what programs do, some at a time: an entry of its own transaction would cost more than the call."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import anyio

from app.journal.writing import event_entry, exchange_entry
from app.redaction import without_secrets

if TYPE_CHECKING:
    from app.clock import Clock
    from app.journal.entry import Entry
    from app.journal.exchange import Exchange
    from app.journal.journal import Journal
    from app.journal.open_streams import SoFar

_log = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 0.25
_LAST_SECONDS: Final = 2.0
_MOST_WAITING: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An entry that is still to be written, with the exchange whose state it tells."""

    entry: Entry
    exchange_id: str = ""
    so_far: SoFar | None = None


@dataclass(frozen=True, slots=True)
class _Open:
    """A stream that goes on; it is worth an entry only if it lasts."""

    since: float
    describe: Callable[[], Exchange]
    principal: str


class ProgramJournal:
    """Takes entries at once and writes them a moment later; what does not fit its queue is counted and left out."""

    def __init__(self, journal: Journal, clock: Clock, *, long_seconds: float = 1.0) -> None:
        self._clock = clock
        self._journal = journal
        self._long_seconds = long_seconds
        self._waiting: list[_Waiting] = []
        self._open: dict[str, _Open] = {}
        self._begun: dict[str, int] = {}
        """The numbers of the streams that were written while they went on."""
        self._left_out = 0
        self._is_filled = asyncio.Event()

    def take_beginning(self, exchange_id: str, describe: Callable[[], Exchange], principal: str) -> None:
        """Take a stream that begins only now; it is described and written if it lasts."""
        self._open[exchange_id] = _Open(time.monotonic(), describe, principal)
        self._is_filled.set()

    def take_exchange(self, exchange: Exchange, principal: str) -> None:
        """Take an API call that has ended; one that was written before takes its place."""
        self._open.pop(exchange.id, None)
        self._add(_Waiting(exchange_entry(exchange, "", principal=principal), exchange.id))

    def take_event(self, name: str, detail: str, principal: str, thread_id: str | None, run_id: str) -> None:
        """Take an event of a run that a program began."""
        body, now = without_secrets(detail), self._clock.now()
        self._add(_Waiting(event_entry(name, body, now, thread_id=thread_id, run_id=run_id, principal=principal)))

    async def work(self) -> None:
        """Write what comes in until cancelled; then write the rest."""
        try:
            while True:
                with anyio.move_on_after(self._long_seconds if self._open else None):
                    await self._is_filled.wait()
                await asyncio.sleep(_PAUSE_SECONDS)
                await self._flush_or_say_why_not()
        finally:
            with anyio.move_on_after(_LAST_SECONDS, shield=True):
                await self._flush_or_say_why_not()

    async def flush(self) -> None:
        """Write everything that waits."""
        self._is_filled.clear()
        batch, self._waiting = self._waiting, []
        left_out, self._left_out = self._left_out, 0
        if left_out:
            text = f"{left_out} entries of programs came too fast and were left out."
            await self._journal.append("", "note", {"text": text})
        batch += self._lasting()
        if not batch:
            return
        # Numbers are looked up now: the beginning may have been on its way when the end came.
        entries = [replace(each.entry, number=self._begun.get(each.exchange_id, 0)) for each in batch]
        numbers = await self._journal.write(entries)
        for each, number in zip(batch, numbers, strict=True):
            self._note_number(each, number)

    def _lasting(self) -> list[_Waiting]:
        """Return the streams that have gone on for long enough to be written."""
        due = time.monotonic() - self._long_seconds
        lasting = {key: each for key, each in self._open.items() if each.since <= due}
        for key in lasting:
            del self._open[key]
        return [_beginning(key, each) for key, each in lasting.items()]

    async def _flush_or_say_why_not(self) -> None:
        try:
            await self.flush()
        except Exception:
            _log.exception("What programs did could not be written to the journal.")

    def _note_number(self, written: _Waiting, number: int) -> None:
        if written.entry.state == "running":
            self._begun[written.exchange_id] = number
            self._journal.open_streams.begin(written.exchange_id, written.so_far)
        else:
            self._begun.pop(written.exchange_id, None)
            self._journal.open_streams.end(written.exchange_id)

    def _add(self, waiting: _Waiting) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            self._left_out += 1
            self._journal.open_streams.end(waiting.exchange_id)
            return
        self._waiting.append(waiting)
        self._is_filled.set()


def _beginning(exchange_id: str, stream: _Open) -> _Waiting:
    exchange = stream.describe()
    return _Waiting(exchange_entry(exchange, "", principal=stream.principal), exchange_id, exchange.so_far)

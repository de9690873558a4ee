"""Writes down what programs do, some at a time: an entry of its own transaction would cost more than the call."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import anyio

from app.journal.secrets import without_secrets
from app.journal.writing import event_entry, exchange_entry

if TYPE_CHECKING:
    from app.clock import Clock
    from app.journal.entry import Entry
    from app.journal.exchange import Exchange
    from app.journal.journal import Journal

_log = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 0.15
_LAST_SECONDS: Final = 2.0
_MOST_WAITING: Final = 2_000


@dataclass(slots=True)
class _Waiting:
    """An entry that is still to be written, with the exchange whose state it tells."""

    entry: Entry
    exchange_id: str = ""


class ProgramJournal:
    """Takes entries at once and writes them a moment later; what does not fit its queue is counted and left out."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._clock = clock
        self._journal = journal
        self._waiting: list[_Waiting] = []
        self._places: dict[str, int] = {}
        """Where an exchange that waits stands in the queue."""
        self._begun: dict[str, int] = {}
        """The numbers of the exchanges that were written when they began."""
        self._left_out = 0
        self._is_filled = asyncio.Event()

    def take_exchange(self, exchange: Exchange, principal: str) -> None:
        """Take an API call, also one that begins only now; its end takes the place of its beginning."""
        entry = exchange_entry(exchange, "", principal=principal)
        place = self._places.get(exchange.id)
        if place is not None:
            self._waiting[place] = _Waiting(entry, exchange.id)
        else:
            self._add(_Waiting(entry, exchange.id))

    def take_event(self, name: str, detail: str, principal: str, thread_id: str | None, run_id: str) -> None:
        """Take an event of a run that a program began."""
        entry = event_entry(
            name, without_secrets(detail), self._clock.now(), thread_id=thread_id, run_id=run_id, principal=principal
        )
        self._add(_Waiting(entry))

    async def work(self) -> None:
        """Write what comes in until cancelled; then write the rest."""
        try:
            while True:
                await self._is_filled.wait()
                await asyncio.sleep(_PAUSE_SECONDS)
                await self._flush_or_say_why_not()
        finally:
            with anyio.move_on_after(_LAST_SECONDS, shield=True):
                await self._flush_or_say_why_not()

    async def flush(self) -> None:
        """Write everything that waits."""
        self._is_filled.clear()
        batch, self._waiting, self._places = self._waiting, [], {}
        left_out, self._left_out = self._left_out, 0
        if left_out:
            text = f"{left_out} entries of programs came too fast and were left out."
            await self._journal.append("", "note", {"text": text})
        if not batch:
            return
        # Numbers are looked up now: the beginning may have been on its way when the end came.
        entries = [replace(each.entry, number=self._begun.get(each.exchange_id, 0)) for each in batch]
        numbers = await self._journal.write(entries)
        for each, number in zip(batch, numbers, strict=True):
            self._note_number(each, number)

    async def _flush_or_say_why_not(self) -> None:
        try:
            await self.flush()
        except Exception:
            _log.exception("What programs did could not be written to the journal.")

    def _note_number(self, written: _Waiting, number: int) -> None:
        if written.entry.state == "running":
            self._begun[written.exchange_id] = number
        else:
            self._begun.pop(written.exchange_id, None)

    def _add(self, waiting: _Waiting) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            self._left_out += 1
            return
        if waiting.exchange_id:
            self._places[waiting.exchange_id] = len(self._waiting)
        self._waiting.append(waiting)
        self._is_filled.set()

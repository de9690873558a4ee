"""Slots for work, which people take in turns when all are taken."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio


class Turns:
    """So many slots; who waits gets the next free one person by person, not request by request."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._waiting: OrderedDict[str, deque[anyio.Event]] = OrderedDict()

    @property
    def is_full(self) -> bool:
        """Whether the next one has to wait."""
        return self._free == 0

    @asynccontextmanager
    async def slot(self, person: str) -> AsyncIterator[None]:
        """Hold a slot inside the block; wait for the person's turn before."""
        await self._take(person)
        try:
            yield
        finally:
            self._give()

    async def _take(self, person: str) -> None:
        if self._free:
            self._free -= 1
            return
        turn = anyio.Event()
        self._waiting.setdefault(person, deque()).append(turn)
        try:
            await turn.wait()
        except BaseException:
            self._leave(person, turn)
            raise

    def _leave(self, person: str, turn: anyio.Event) -> None:
        """Give back a turn that came too late, or stop waiting for it."""
        if turn.is_set():
            self._give()
            return
        self._waiting[person].remove(turn)
        if not self._waiting[person]:
            del self._waiting[person]

    def _give(self) -> None:
        if not self._waiting:
            self._free += 1
            return
        person, turns = self._waiting.popitem(last=False)
        turns.popleft().set()
        if turns:
            self._waiting[person] = turns

"""Slows down who tries passwords one after the other."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from app.errors import RateLimited

_MOST: Final = 20
_WINDOW_SECONDS: Final = 60.0
_MOST_ADDRESSES: Final = 10_000


class Attempts:
    """Attempts of the last minute, by the address that they came from."""

    def __init__(self) -> None:
        self._made: dict[str, deque[float]] = {}

    def check(self, address: str) -> None:
        """Count an attempt; raises `RateLimited` when there were too many."""
        now = time.monotonic()
        if len(self._made) > _MOST_ADDRESSES:
            self._made.clear()
        made = self._made.setdefault(address, deque(maxlen=_MOST))
        if len(made) == _MOST and now - made[0] < _WINDOW_SECONDS:
            raise RateLimited("Too many attempts. Wait a minute, then try again.")
        made.append(now)

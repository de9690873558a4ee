"""Slows down who tries passwords one after the other."""

from __future__ import annotations

import ipaddress
import time
from collections import deque
from typing import Final

from app.errors import RateLimited

_MOST: Final = 20
_WINDOW_SECONDS: Final = 60.0
_MOST_ADDRESSES: Final = 10_000
_HOUSE_BITS: Final = 64


class Attempts:
    """Attempts of the last minute, by the address that they came from; of IPv6 by the network that one house has."""

    def __init__(self) -> None:
        self._made: dict[str, deque[float]] = {}

    def check(self, address: str) -> None:
        """Count an attempt; raises `RateLimited` when there were too many."""
        now = time.monotonic()
        made = self._made.setdefault(_network(address), deque(maxlen=_MOST))
        if len(self._made) > _MOST_ADDRESSES:
            del self._made[next(iter(self._made))]
        if len(made) == _MOST and now - made[0] < _WINDOW_SECONDS:
            raise RateLimited("Too many attempts. Wait a minute, then try again.")
        made.append(now)


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found), _HOUSE_BITS), strict=False))

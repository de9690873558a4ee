"""Users that exist for sessions only: high numbers that no account has, so that a session can be killed by its user."""

from __future__ import annotations

import secrets
from pathlib import Path

_FROM, _COUNT = 1_900_000_000, 100_000_000
_FROM_IN_A_SMALL_MAP, _COUNT_IN_A_SMALL_MAP = 40_000, 10_000
"""Rootless containers know 65,536 users."""


def pick() -> int:
    """Return a user for a new session."""
    start, count = _range()
    return start + secrets.randbelow(count)


def is_a_sessions(user: int) -> bool:
    """Say whether the user belongs to a session."""
    start, count = _range()
    return start <= user < start + count


def striker_of(user: int) -> int:
    """Return the user, nobody else's either, as whom a session's processes are killed."""
    return user + _range()[1]


def _range() -> tuple[int, int]:
    lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    highest = max(int(start) + int(count) for start, _, count in (line.split() for line in lines))
    if highest >= _FROM + 2 * _COUNT:
        return _FROM, _COUNT
    return _FROM_IN_A_SMALL_MAP, _COUNT_IN_A_SMALL_MAP

"""Limits combining marks in HTML: a letter with thousands of them blocks browsers for minutes."""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import Final

MOST_MARKS: Final = 30
"""As many as Unicode's stream-safe text format allows (UAX #15), far more than any writing needs."""
_CUT: Final = "…"
_EXTENDING: Final = frozenset({"Mn", "Mc", "Me", "Cf"})
"""Marks, and the joiners and tags that may stand between them without ending the letter."""


def stream_safe(html: str) -> str:
    """Return HTML whose texts hold at most thirty marks in a row; attributes and fields, which are copied, stay."""
    if html.isascii() or not _PERHAPS.search(html):
        return html
    parts = _UNTOUCHED.split(html)
    parts[::2] = [_PERHAPS.sub(_limited, text) for text in parts[::2]]
    return "".join(parts)


def _limited(found: re.Match[str]) -> str:
    return _TOO_MANY.sub(lambda run: run[0][:MOST_MARKS] + _CUT, found[0])


def _ranges(first: int, end: int) -> str:
    """Return the characters of a part of Unicode that extend the one before them, for a regular expression."""
    codes = [code for code in range(first, end) if unicodedata.category(chr(code)) in _EXTENDING]
    groups = itertools.groupby(enumerate(codes), lambda pair: pair[1] - pair[0])
    ranges = [[code for _, code in group] for _, group in groups]
    return "".join(f"{chr(each[0])}-{chr(each[-1])}" for each in ranges)


_BASIC: Final = _ranges(0x300, 0x10000)
_PERHAPS: Final = re.compile(f"[{_BASIC}\U00010000-\U0010ffff]{{{MOST_MARKS + 1},}}")
"""Finds too much, but passes over plain text thirty times as fast as many ranges beyond the basic plane would."""
_TOO_MANY: Final = re.compile(f"[{_BASIC}{_ranges(0x10000, 0x20000)}{_ranges(0xE0000, 0xE0200)}]{{{MOST_MARKS + 1},}}")
_UNTOUCHED: Final = re.compile(r"(<textarea\b[^<>]*>[^<]*|<[^<>]*>)")

"""Names that people type, of themselves and of their keys."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 80
_FILLERS: Final = "\u115f\u1160\u3164\uffa0"
"""Count as letters and show nothing."""


def clean_name(typed: str, otherwise: str) -> str:
    """Return the name without what cannot be printed, cut to 80 characters; `otherwise` where nothing is left."""
    shown = "".join(character for character in typed if character.isprintable() and character not in _FILLERS).strip()
    return shown[:_LONGEST] or otherwise


def told_apart(name: str, taken: Iterable[str]) -> str:
    """Return the name, with a number where somebody has it already or one that differs only in case or form."""
    looks = {_look(each) for each in taken}
    number, found = 1, name
    while _look(found) in looks:
        number += 1
        found = f"{name} ({number})"
    return found


def _look(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())

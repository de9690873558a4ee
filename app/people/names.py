"""Names that people type, of themselves and of their keys."""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 80


def clean_name(typed: str, otherwise: str) -> str:
    """Return the name without what cannot be printed, cut to 80 characters; `otherwise` where nothing is left."""
    shown = "".join(character for character in typed if character.isprintable()).strip()
    return shown[:_LONGEST] or otherwise

"""Addresses below others."""

from __future__ import annotations

from collections.abc import Iterable


def is_below(path: str, places: Iterable[str]) -> bool:
    """Tell whether the path is one of the places or lies below one."""
    return any(path == place or path.startswith(f"{place}/") for place in places)

"""Attribute filters: whether a file's attributes pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from app.wire.vector_stores import ComparisonFilter, SearchFilter


def passes(attributes: Mapping[str, object], wanted: SearchFilter | None) -> bool:
    """Tell whether attributes pass a filter; an attribute that is missing equals nothing."""
    if wanted is None:
        return True
    if isinstance(wanted, ComparisonFilter):
        return _compares(attributes.get(wanted.key), wanted)
    inner = (passes(attributes, one) for one in wanted.filters)
    return all(inner) if wanted.type == "and" else any(inner)


def _compares(found: object, wanted: ComparisonFilter) -> bool:
    value = wanted.value
    match wanted.type:
        case "eq":
            return found == value
        case "ne":
            return found != value
        case "in":
            return isinstance(value, list) and found in value
        case "nin":
            return isinstance(value, list) and found not in value
        case "gt" | "gte" | "lt" | "lte":
            return _is_ordered(found, value, wanted.type)
        case _:
            assert_never(wanted.type)


def _is_ordered(found: object, value: object, how: str) -> bool:
    if not isinstance(found, int | float) or not isinstance(value, int | float):
        return False
    smaller, equal = found < value, found == value
    return {"gt": not smaller and not equal, "gte": not smaller, "lt": smaller, "lte": smaller or equal}[how]

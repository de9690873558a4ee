"""The fields in which owners write limits, and limits in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.limits import Limits

_MOST_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class LimitField:
    """One number as it is typed."""

    name: str
    label: str
    most: int
    value: str = ""
    error: str = ""


_FIELDS: Final = (
    LimitField("runs_at_once", "Runs at once", 10_000),
    LimitField("runs_per_minute", "Runs a minute", 100_000),
    LimitField("storage_mb", "Storage of files, in MB", 100_000_000),
    LimitField("upload_mb", "Largest upload, in MB", 512),
)
_WORDS: Final = {
    "runs_at_once": "{} run{} at once",
    "runs_per_minute": "{} run{} a minute",
    "storage_mb": "{} MB of files",
    "upload_mb": "{} MB an upload",
}


def fields_of(limits: Limits) -> list[LimitField]:
    """Return the fields as they show limits."""
    return [_with(field, str(getattr(limits, field.name) or "")) for field in _FIELDS]


def read_fields(typed: Mapping[str, str]) -> tuple[Limits, list[LimitField]]:
    """Return the limits that were typed, and the fields with what is wrong in them."""
    fields = [_checked(field, typed.get(field.name, "").strip()) for field in _FIELDS]
    numbers = {field.name: int(field.value) if field.value and not field.error else None for field in fields}
    return Limits(**numbers), fields


def in_words(limits: Limits) -> str:
    """Return limits as a line of text."""
    named = [(getattr(limits, name), words) for name, words in _WORDS.items()]
    written = [words.format(f"{number:,}", "" if number == 1 else "s") for number, words in named if number]
    return ", ".join(written) or "as much as they like"


def _checked(field: LimitField, value: str) -> LimitField:
    is_number = value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS
    if not value or (is_number and 1 <= int(value) <= field.most):
        return _with(field, value)
    return _with(field, value, f"Write a whole number from 1 to {field.most:,}, or nothing for no limit.")


def _with(field: LimitField, value: str, error: str = "") -> LimitField:
    return LimitField(field.name, field.label, field.most, value, error)

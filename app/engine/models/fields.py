"""Values of a provider's JSON, which may be of any type; raise `MalformedError`."""

from __future__ import annotations

from typing import Any, Final

from app.engine.models.upstream import MalformedError

_MOST_COUNTED: Final = 2**31 - 1


def object_of(value: object) -> dict[str, Any]:
    """Return an object; nothing is an empty one."""
    if not isinstance(value, dict | None):
        raise MalformedError("There is no object where one is due.")
    return value or {}


def list_of(value: object) -> list[Any]:
    """Return a list; nothing is an empty one."""
    if not isinstance(value, list | None):
        raise MalformedError("There is no list where one is due.")
    return value or []


def text_of(value: object) -> str:
    """Return a text; nothing is an empty one."""
    if not isinstance(value, str | None):
        raise MalformedError("There is no text where one is due.")
    return readable(value) if value else ""


def count_of(value: object) -> int:
    """Return a number that a column holds; what is none is 0."""
    return value if isinstance(value, int) and 0 <= value <= _MOST_COUNTED else 0


def readable(text: str) -> str:
    """Replace what no text can hold: NUL, and halves of surrogate pairs, which some gateways send."""
    if text.isascii():
        return text.replace("\0", "\ufffd")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")

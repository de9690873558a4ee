"""JSON that people type: read with the line and column of what is wrong."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()
_LONGEST: Final = 1_000_000
_WORDS: Final = {
    "Expecting property name enclosed in double quotes": "a name in double quotes belongs here, or a comma is too many",
    "Expecting value": "a value belongs here, or a comma is too many",
    "Expecting ',' delimiter": "a comma is missing before this",
    "Expecting ':' delimiter": "a colon is missing before this",
    "Extra data": "the text goes on after the end of the JSON",
    "Unterminated string starting at": "the text that begins here has no closing quote",
    "Illegal trailing comma before end of object": "this comma is too many",
    "Illegal trailing comma before end of array": "this comma is too many",
    "Invalid control character at": "a line break or tab inside a text must be written as \\n or \\t",
}


class JsonProblem(Exception):
    """A text that is not what it should be, with the place where that shows."""

    def __init__(self, message: str, text: str = "", position: int | None = None) -> None:
        super().__init__(message if position is None else f"{_place(text, position)}: {message}")


def read_json(text: str) -> Any:
    """Return the value; raises `JsonProblem` for bad JSON, names that stand twice and what is no JSON number."""
    if len(text) > _LONGEST:
        raise JsonProblem("The text is longer than 1,000,000 characters.")
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as exc:
        raise JsonProblem(f"{_WORDS.get(exc.msg, exc.msg)}.", text, exc.pos) from exc
    except UnicodeEncodeError as exc:
        raise JsonProblem("The JSON holds half a character: a \\ud800 to \\udfff that stands alone.") from exc
    except (RecursionError, ValueError) as exc:
        raise JsonProblem("The JSON is nested too deeply, or a number in it is too long.") from exc
    return value


def read_object(text: str) -> dict[str, Any]:
    """Return a JSON object; raises `JsonProblem`."""
    value = read_json(text)
    if not isinstance(value, dict):
        raise JsonProblem("an object belongs here: { … }.", text, _skip(text, 0))
    return value


def position_of(text: str, path: Sequence[str | int]) -> int:
    """Return where the value of that path begins in a valid text, or the last part of the path that is there."""
    at = _skip(text, 0)
    for part in path:
        found = _member(text, at, part)
        if found is None:
            break
        at = found
    return at


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"Line {line}, column {position - text.rfind(chr(10), 0, position)}"


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise JsonProblem(f"The name '{twice[:80]}' stands twice in one object.")
    return members


def _no_constant(name: str) -> NoReturn:
    raise JsonProblem(f"{name} is no JSON number.")


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _member(text: str, at: int, wanted: str | int) -> int | None:
    """Return where the member's value begins, in the object or array that begins at `at`."""
    if text[at] not in "{[":
        return None
    is_object = text[at] == "{"
    at, index = _skip(text, at + 1), 0
    while text[at] not in "}]":
        key: str | int = index
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        if key == wanted:
            return at
        _value, at = _DECODER.raw_decode(text, at)
        at, index = _skip(text, at), index + 1
        if text[at] == ",":
            at = _skip(text, at + 1)
    return None

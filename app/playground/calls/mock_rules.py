"""Decides which mock fits a call: conditions on its arguments, as lines of `path = value`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from app.errors import InvalidRequest
from app.journal.mocks import Condition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.journal.mocks import Mock

_MOST_CONDITIONS: Final = 50
_MOST_DIGITS: Final = 10
_NOTHING: Final = object()


def fitting(mocks: Iterable[Mock], function: str, arguments: str) -> Mock | None:
    """Return the mock with the most conditions that all hold; among equals the first in order."""
    given = _json(arguments)
    fits = [
        mock for mock in mocks if mock.function == function and all(_holds(each, given) for each in mock.conditions)
    ]
    return max(fits, key=lambda mock: len(mock.conditions), default=None)


def read_conditions(text: str) -> tuple[Condition, ...]:
    """Read conditions as a person wrote them, or raise `InvalidRequest` that names the line."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > _MOST_CONDITIONS:
        raise InvalidRequest(f"A mock takes at most {_MOST_CONDITIONS} conditions.", param="conditions")
    return tuple(_read(number, line) for number, line in lines)


def written(conditions: Iterable[Condition]) -> str:
    """Write conditions as a person reads them."""
    return "\n".join(f"{condition.path} = {condition.value}" for condition in conditions)


def suggested_conditions(arguments: str) -> tuple[Condition, ...]:
    """Return conditions that this call meets: one for each argument that is a plain value."""
    given = _json(arguments)
    if not isinstance(given, dict):
        return ()
    plain = {key: value for key, value in given.items() if not isinstance(value, dict | list) and _is_a_path(key)}
    values = {key: json.dumps(value, ensure_ascii=False) for key, value in plain.items()}
    return tuple(Condition(key, value) for key, value in values.items())[:_MOST_CONDITIONS]


def _is_a_path(key: str) -> bool:
    return bool(key) and key == key.strip() and not set(key) & {".", "=", "\n", "\r"}


def _read(number: int, line: str) -> Condition:
    path, equals, value = (part.strip() for part in line.partition("="))
    if not (path and equals and value):
        raise InvalidRequest(
            f'Line {number} is no condition. Write it as path = value: location = "Paris"', param="conditions"
        )
    return Condition(path, value)


def _holds(condition: Condition, arguments: object) -> bool:
    found = _found(arguments, condition.path)
    wanted = _json(condition.value)
    if found is _NOTHING:
        return False
    if isinstance(found, str) and found in {condition.value, wanted if isinstance(wanted, str) else None}:
        return True
    return (type(found) is type(wanted) and found == wanted) or _are_equal_numbers(found, wanted)


def _are_equal_numbers(found: object, wanted: object) -> bool:
    numbers = [each for each in (found, wanted) if isinstance(each, int | float) and not isinstance(each, bool)]
    return len(numbers) == 2 and numbers[0] == numbers[1]  # noqa: PLR2004  Both of them.


def _found(value: object, path: str) -> object:
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step, _NOTHING)
        elif isinstance(value, list) and step.isdecimal() and len(step) < _MOST_DIGITS and int(step) < len(value):
            value = value[int(step)]
        else:
            return _NOTHING
    return value


def _json(text: str) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING
    return value

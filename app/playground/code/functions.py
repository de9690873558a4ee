"""The functions that a program has to run, with the outputs they had."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.playground.code.material import Function, Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_UNWRITTEN: Final = '{"error": "This function is not written yet."}'


def functions_of(bodies: Iterable[Json], outputs: Mapping[str, Sequence[str]]) -> list[Function]:
    """Return each function that is offered by one of the bodies, once."""
    tools = [tool for body in bodies for tool in body.get("tools") or ()]
    names = dict.fromkeys(tool["function"]["name"] for tool in tools if tool["type"] == "function")
    handlers: dict[str, str] = {}
    for name in names:
        handlers[name] = _handler(name, set(handlers.values()))
    return [Function(name, handlers[name], list(outputs.get(name) or [_UNWRITTEN])) for name in names]


def _handler(name: str, used: set[str]) -> str:
    """Return a name for the function's handler, which is an identifier in every language."""
    base = "handle_" + re.sub(r"[^A-Za-z0-9_]", "_", name)
    number = 2
    handler = base
    while handler in used:
        handler = f"{base}_{number}"
        number += 1
    return handler

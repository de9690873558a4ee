"""The functions of an assistant as rows of the setup pane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.playground.setup.assistant_form import as_json
from app.playground.text.typed_json import JsonProblem, read_object

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """One function; `json` is what the form carries until it is saved."""

    index: int
    name: str
    signature: str
    description: str
    json: str
    is_strict: bool


def function_rows(texts: Iterable[str]) -> tuple[FunctionRow, ...]:
    """Return a row for each function; what is no JSON object is shown as such."""
    return tuple(_row(index, text) for index, text in enumerate(texts))


def functions_of(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Return the functions that the form carries; what is no JSON object is an empty one."""
    return [_read(text) for text in texts]


def _row(index: int, text: str) -> FunctionRow:
    function = _read(text)
    return FunctionRow(
        index=index,
        name=str(function.get("name") or "(no name)"),
        signature=", ".join(_parameter_names(function.get("parameters"))),
        description=str(function.get("description") or ""),
        json=as_json(function) if function else text,
        is_strict=function.get("strict") is True,
    )


def _parameter_names(parameters: object) -> list[str]:
    match parameters:
        case {"properties": dict(properties), "required": list(required)}:
            return [name if name in required else f"{name}?" for name in properties]
        case {"properties": dict(properties)}:
            return [f"{name}?" for name in properties]
        case _:
            return []


def _read(text: str) -> dict[str, Any]:
    try:
        return read_object(text)
    except JsonProblem:
        return {}

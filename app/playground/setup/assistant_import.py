"""Assistants as JSON: what an export holds, and what of an import can be used here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from app.playground.text.typed_json import JsonProblem, position_of, read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN: Final = frozenset({"id", "object", "created_at"})
"""What belongs to the one assistant, not to its copies."""
_SHAPES: Final[Mapping[str, tuple[type | tuple[type, ...], str]]] = {
    "model": (str, "a text"),
    "name": (str, "a text"),
    "description": (str, "a text"),
    "instructions": (str, "a text"),
    "tools": (list, "a list"),
    "tool_resources": (dict, "an object"),
    "metadata": (dict, "an object"),
    "temperature": ((int, float), "a number"),
    "top_p": ((int, float), "a number"),
    "reasoning_effort": (str, "a text"),
    "response_format": ((str, dict), "a text or an object"),
}
_RESOURCES: Final = {"code_interpreter": "file_ids", "file_search": "vector_store_ids"}
_SHOWN: Final = 60


def exported(assistant: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything but what belongs to the one assistant."""
    return {name: value for name, value in assistant.items() if name not in OWN}


def check_definition(text: str) -> tuple[dict[str, Any], list[str]]:
    """Return the assistant's fields and the names of those that are none; raises `JsonProblem`."""
    data = read_object(text)
    known = {name: value for name, value in data.items() if name in _SHAPES and value is not None}
    unknown = sorted(name[:_SHOWN] for name in data.keys() - _SHAPES.keys() - OWN)
    if not known:
        raise JsonProblem("This is no assistant: it has none of an assistant's fields.", text, 0)
    for name, value in known.items():
        kind, noun = _SHAPES[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            _refuse(text, (name,), f"'{name}' must be {noun}.")
    _check_tools(known.get("tools", []), text)
    _check_resources(known.get("tool_resources", {}), text)
    for key, value in known.get("metadata", {}).items():
        if not isinstance(value, str):
            _refuse(text, ("metadata", key), "Values of metadata must be texts.")
    return known, unknown


def file_ids(data: Mapping[str, Any]) -> list[str]:
    """Return the ids of the code interpreter's files."""
    return _ids(data, "code_interpreter")


def vector_store_ids(data: Mapping[str, Any]) -> list[str]:
    """Return the ids of the vector stores."""
    return _ids(data, "file_search")


def _ids(data: Mapping[str, Any], kind: str) -> list[str]:
    ids: list[str] = (data.get("tool_resources", {}).get(kind) or {}).get(_RESOURCES[kind]) or []
    return ids


def _check_tools(tools: list[object], text: str) -> None:
    for index, tool in enumerate(tools):
        match tool:
            case {"type": "function", "function": {"name": str()}}:
                pass
            case {"type": "function"}:
                _refuse(text, ("tools", index), "A tool of type function needs a function with a name.")
            case {"type": str()}:
                pass
            case _:
                _refuse(text, ("tools", index), "A tool must be an object with a type.")


def _check_resources(resources: dict[str, object], text: str) -> None:
    for kind, name in _RESOURCES.items():
        match resources.get(kind):
            case None:
                continue
            case dict(content) if _is_list_of_texts(content.get(name, [])):
                continue
            case _:
                _refuse(text, ("tool_resources", kind), f"'{kind}' must be an object with a list of {name}.")


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _refuse(text: str, path: tuple[str | int, ...], message: str) -> NoReturn:
    raise JsonProblem(message, text, position_of(text, path))

"""Values of JSON held against the SDK's types: leniently, since services leave out and add much that nobody misses."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import pydantic

_LAST_SECOND: Final = 253_402_300_799
"""Of the year 9999: no calendar has a later one."""
_LONGEST_PLACE: Final = 80
_KINDS: Final[dict[type, str]] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    NoneType: "null",
}


def strangeness(value: object, kind: Any, place: str = "") -> str:
    """Return where a value is not of the type and why, or nothing; what the page can do without may be missing."""
    origin, choices = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return strangeness(value, choices[0], place)
    if origin in (Union, UnionType):
        return _of_any(value, choices, place)
    if origin in (list, dict):
        return _of_collection(value, origin, choices, place)
    if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
        return _of_object(value, kind, place)
    return _of_scalar(value, type(choices[0]) if origin is Literal else kind, place)


def _of_any(value: object, choices: tuple[Any, ...], place: str) -> str:
    """Go by `type` where objects have one; an object of a kind that nobody knows is none of the page's business."""
    if isinstance(value, dict) and (models := [choice for choice in choices if _types(choice)]):
        same = next((model for model in models if value.get("type") in _types(model)), None)
        if same is None and not isinstance(value.get("type"), str):
            return f"{_named(place)} has no `type`"
        return strangeness(value, same, place) if same else ""
    problems = [strangeness(value, choice, place) for choice in choices if choice is not NoneType]
    is_fine = value is None and NoneType in choices
    return "" if is_fine or "" in problems else problems[0]


def _types(choice: Any) -> tuple[object, ...]:
    fields = choice.model_fields if isinstance(choice, type) and issubclass(choice, pydantic.BaseModel) else {}
    return get_args(fields["type"].annotation) if "type" in fields else ()


def _of_collection(value: object, origin: type, choices: tuple[Any, ...], place: str) -> str:
    if not isinstance(value, origin):
        return _no(value, origin, place)
    if isinstance(value, dict):
        found = (strangeness(each, choices[1], f"{place}.{key}") for key, each in value.items())
    else:
        items = value if isinstance(value, list) else []
        found = (strangeness(each, choices[0], f"{place}[{number}]") for number, each in enumerate(items))
    return next(filter(None, found), "")


def _of_object(value: object, kind: type[pydantic.BaseModel], place: str) -> str:
    if not isinstance(value, dict):
        return _no(value, dict, place)
    for name, field in kind.model_fields.items():
        key = field.alias or name
        inner = f"{place}.{key}" if place else key
        if key not in value and field.is_required() and _is_needed(field.annotation, key):
            return f"{_named(inner)} is missing"
        if key in value and (strange := strangeness(value[key], field.annotation, inner)):
            return strange
    return ""


def _is_needed(kind: Any, name: str) -> bool:
    """Tell whether the page can't do without: gateways and older versions leave out much that the SDK requires."""
    if get_origin(kind) in (Union, UnionType):
        return False
    is_model = isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)
    is_counted = kind is int and name != "created"  # Few gateways tell when a model was made.
    return is_model or is_counted or get_origin(kind) is list or name == "id" or name.endswith("]")


def _of_scalar(value: object, kind: Any, place: str) -> str:
    if kind not in _KINDS or (value is None and not _is_needed(kind, place.rpartition(".")[2])):
        return ""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number if kind in (int, float) else isinstance(value, kind)):
        return _no(value, kind, place)
    if is_number and place.endswith(("_at", "created")) and not 0 <= value <= _LAST_SECOND:  # type: ignore[operator]
        return f"{_named(place)} is no time"
    return ""


def _no(value: object, kind: type, place: str) -> str:
    return f"{_named(place)} is {_KINDS[type(value)]}, not {_KINDS[kind]}"


def _named(place: str) -> str:
    return f"`{place[-_LONGEST_PLACE:]}`" if place else "the whole"

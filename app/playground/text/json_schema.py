"""The rules of JSON Schema that model services hold callers to, with the place of what breaks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.playground.text.typed_json import JsonProblem, position_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]

_TYPES: Final = ("string", "number", "integer", "boolean", "object", "array", "null")
_DEEPEST: Final = 32
_MAPS: Final = ("properties", "$defs", "definitions", "patternProperties")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLES: Final = ("items", "additionalProperties", "not", "contains", "if", "then", "else")
_SHAPES: Final[Mapping[str, tuple[type | tuple[type, ...], str]]] = {
    "description": (str, "a text"),
    "title": (str, "a text"),
    "pattern": (str, "a text"),
    "format": (str, "a text"),
    "$ref": (str, "a text"),
    "enum": (list, "a list"),
    "required": (list, "a list of names"),
    "minimum": ((int, float), "a number"),
    "maximum": ((int, float), "a number"),
    **dict.fromkeys(_MAPS, (dict, "an object")),
    **dict.fromkeys(_LISTS, (list, "a list of schemas")),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), (int, "a whole number")),
}


def check_schema(schema: object, text: str, path: Path = (), *, is_strict: bool = False) -> None:
    """Raise `JsonProblem` for the first rule that the schema breaks; `path` is its place in the text."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise _problem(text, path, "A schema of type object belongs here", 'begin with {"type": "object"')
    for place, found in _schemas(schema, path):
        if len(place) - len(path) > _DEEPEST:
            raise _problem(text, path, "The schema is nested too deeply", f"{_DEEPEST} steps at most")
        _check_one(found, text, place)
        if is_strict and isinstance(found, dict):
            _check_strict(found, text, place)


def _schemas(schema: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Yield the schema and all schemas inside it, without recursion, which hostile depth would exhaust."""
    waiting: list[tuple[Path, object]] = [(path, schema)]
    while waiting:
        place, found = waiting.pop(0)
        yield place, found
        if isinstance(found, dict):
            waiting += list(_inner(found, place))


def _inner(schema: dict[str, Any], path: Path) -> Iterator[tuple[Path, object]]:
    for name in _MAPS:
        members = schema.get(name)
        yield from (((*path, name, key), each) for key, each in (members.items() if isinstance(members, dict) else ()))
    for name in _LISTS:
        members = schema.get(name)
        yield from (((*path, name, at), each) for at, each in enumerate(members if isinstance(members, list) else ()))
    yield from (((*path, name), schema[name]) for name in _SINGLES if name in schema)


def _check_one(schema: object, text: str, path: Path) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise _problem(text, path, "A schema belongs here", 'such as {"type": "string"}')
    for name, (kind, noun) in _SHAPES.items():
        value = schema.get(name)
        if name in schema and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise _problem(text, (*path, name), f"'{name}' must be {noun}")
    _check_type(schema, text, path)
    _check_required(schema, text, path)


def _check_type(schema: dict[str, Any], text: str, path: Path) -> None:
    if "type" not in schema:
        return
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    wrong = next((kind for kind in kinds if kind not in _TYPES), None)
    if wrong is not None or not kinds:
        shown = f"'{str(wrong)[:40]}' is not a type" if kinds else "The list of types is empty"
        raise _problem(text, (*path, "type"), shown, f"choose from {', '.join(_TYPES)}")


def _check_required(schema: dict[str, Any], text: str, path: Path) -> None:
    for at, name in enumerate(schema.get("required", ())):
        if not isinstance(name, str):
            raise _problem(text, (*path, "required", at), "'required' must be a list of names")
        if "properties" in schema and name not in schema["properties"]:
            raise _problem(text, (*path, "required", at), f"'{name[:40]}' is required, but is no property")


def _check_strict(schema: dict[str, Any], text: str, path: Path) -> None:
    if schema.get("type") != "object" and "properties" not in schema:
        return
    if schema.get("additionalProperties") is not False:
        raise _problem(text, path, 'Strict needs "additionalProperties": false in every object')
    missing = [name for name in schema.get("properties", {}) if name not in schema.get("required", ())]
    if missing:
        raise _problem(text, (*path, "properties", missing[0]), f"Strict needs '{missing[0][:40]}' in 'required'")


def _problem(text: str, path: Path, message: str, advice: str = "") -> JsonProblem:
    return JsonProblem(f"{message}{f': {advice}' if advice else ''}.", text, position_of(text, path))

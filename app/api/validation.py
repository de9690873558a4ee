"""Validation errors in the hosted services' words: the first problem, with its field and code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.errors import InvalidRequest

Problem = Mapping[str, Any]

_PLACES = frozenset({"body", "query", "path", "header"})
_TYPE_NAMES = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "float_type": "a decimal",
    "float_parsing": "a decimal",
    "bool_type": "a boolean",
    "bool_parsing": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_GIVEN_NAMES = {
    "str": "a string",
    "int": "an integer",
    "float": "a decimal",
    "bool": "a boolean",
    "list": "an array",
    "dict": "an object",
    "NoneType": "null",
}


def first_problem(problems: Sequence[Problem]) -> InvalidRequest:
    """Turn pydantic's findings into one error; the deepest one says most where a union was tried."""
    problem = max(problems, key=lambda found: len(_path_parts(found)))
    param = _param(problem)
    kind = str(problem["type"])
    if kind == "json_invalid":
        return InvalidRequest(
            "We could not parse the JSON body of your request. It must be valid JSON: look for a missing quote or a "
            f"trailing comma ({problem.get('ctx', {}).get('error', 'invalid')}).",
        )
    if not param and kind != "missing":
        return InvalidRequest("The request body must be a JSON object, sent with Content-Type: application/json.")
    if kind in _TYPE_NAMES:
        return _wrong_type(problem, param, _TYPE_NAMES[kind])
    write = _WRITERS.get(kind)
    if write is None:
        return InvalidRequest(f"Invalid '{param}': {problem['msg']}.", param=param, code="invalid_value")
    return write(problem, param)


def _missing(_problem: Problem, param: str) -> InvalidRequest:
    return InvalidRequest(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")


def _unknown(_problem: Problem, param: str) -> InvalidRequest:
    return InvalidRequest(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")


def _wrong_type(problem: Problem, param: str, wanted: str) -> InvalidRequest:
    given = _GIVEN_NAMES.get(type(problem.get("input")).__name__, "something else")
    return InvalidRequest(
        f"Invalid type for '{param}': expected {wanted}, but got {given} instead.", param=param, code="invalid_type"
    )


def _wrong_value(problem: Problem, param: str) -> InvalidRequest:
    context = problem.get("ctx", {})
    supported = str(context.get("expected") or context.get("expected_tags") or "")
    given = context.get("tag", problem.get("input"))
    return InvalidRequest(
        f"Invalid value: '{given}'. Supported values are: {supported}.", param=param, code="invalid_value"
    )


def _long_string(problem: Problem, param: str) -> InvalidRequest:
    limit, given = problem["ctx"]["max_length"], len(problem["input"])
    return InvalidRequest(
        f"Invalid '{param}': string too long. Expected a string with maximum length {limit}, but got a string with "
        f"length {given} instead.",
        param=param,
        code="string_above_max_length",
    )


def _long_collection(problem: Problem, param: str) -> InvalidRequest:
    limit, given = problem["ctx"]["max_length"], len(problem["input"])
    if isinstance(problem["input"], dict):
        return InvalidRequest(
            f"Invalid '{param}': too many properties. Expected an object with at most {limit} properties, but got an "
            f"object with {given} properties instead.",
            param=param,
            code="object_above_max_properties",
        )
    return InvalidRequest(
        f"Invalid '{param}': array too long. Expected an array with maximum length {limit}, but got an array with "
        f"length {given} instead.",
        param=param,
        code="array_above_max_length",
    )


def _too_short(problem: Problem, param: str) -> InvalidRequest:
    noun, code = (
        ("array", "empty_array") if isinstance(problem["input"], list) else ("string", "string_below_min_length")
    )
    limit, given = problem["ctx"]["min_length"], len(problem["input"])
    return InvalidRequest(
        f"Invalid '{param}': {noun} too short. Expected {noun} with minimum length {limit}, but got {noun} with length "
        f"{given} instead.",
        param=param,
        code=code,
    )


def _out_of_range(problem: Problem, param: str) -> InvalidRequest:
    limit, given = next(iter(problem["ctx"].values())), problem["input"]
    side, sign = ("above maximum", "<=") if problem["type"] == "less_than_equal" else ("below minimum", ">=")
    noun = "integer" if isinstance(limit, int) and not isinstance(given, float) else "decimal"
    limit_text = f"{limit:g}" if isinstance(limit, float) else str(limit)
    name = "max" if sign == "<=" else "min"
    return InvalidRequest(
        f"Invalid '{param}': {noun} {side} value. Expected a value {sign} {limit_text}, but got {given} instead.",
        param=param,
        code=f"{noun}_{side.split()[0]}_{name}_value",
    )


_WRITERS: dict[str, Callable[[Problem, str], InvalidRequest]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _wrong_value,
    "enum": _wrong_value,
    "union_tag_invalid": _wrong_value,
    "string_too_long": _long_string,
    "too_long": _long_collection,
    "string_too_short": _too_short,
    "too_short": _too_short,
    "less_than_equal": _out_of_range,
    "greater_than_equal": _out_of_range,
}


def _path_parts(problem: Problem) -> list[str | int]:
    location = list(problem["loc"])
    return location[1:] if location and location[0] in _PLACES else location


def _param(problem: Problem) -> str:
    """Write the field's path as `messages[0].content`; names of union branches that pydantic adds are left out."""
    path = ""
    for part in _path_parts(problem):
        if isinstance(part, int):
            path += f"[{part}]"
        elif _is_field(part):
            path += f".{part}" if path else part
    return path


def _is_field(part: str) -> bool:
    return part not in _BRANCHES and "[" not in part and not part[:1].isupper()


_BRANCHES = frozenset({"str", "list", "constrained-str"})

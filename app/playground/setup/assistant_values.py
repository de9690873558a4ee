"""What the setup form asks the API for: a whole assistant, or what differs from the stored one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from app.errors import InvalidRequest
from app.playground.setup.function_rules import check_response_schema
from app.playground.text.typed_json import JsonProblem, read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.playground.setup.assistant_form import AssistantFields

_DEFAULT_SAMPLING: Final = 1.0
"""The API's default of temperature and top_p."""
_NOTHING: Final[tuple[object, ...]] = (None, "", {}, [])


class RefusedForm(InvalidRequest):
    """Fields that cannot be sent; `reasons` has a sentence for each."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__(next(iter(reasons.values())))
        self.reasons = reasons


def creation(fields: AssistantFields) -> dict[str, Any]:
    """Return the body that creates the assistant; raises `RefusedForm`."""
    wanted = _wanted(fields, _base(fields))
    return {name: value for name, value in wanted.items() if value not in _NOTHING}


def changes(fields: AssistantFields, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that changes what differs, so that everything else stays as it is; raises `RefusedForm`."""
    wanted = _wanted(fields, stored)
    return {name: value for name, value in wanted.items() if _plain(value) != _plain(stored.get(name))}


def base_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a copy takes over from an assistant beside what its form shows."""
    return {name: stored[name] for name in ("tools", "tool_resources", "response_format") if stored.get(name)}


def _base(fields: AssistantFields) -> dict[str, Any]:
    try:
        return base_of(read_object(fields.base)) if fields.base else {}
    except JsonProblem as exc:
        raise RefusedForm({"general": "What this assistant was copied from cannot be read. Copy it again."}) from exc


def _wanted(fields: AssistantFields, stored: Mapping[str, Any]) -> dict[str, Any]:
    reasons: dict[str, str] = {}
    if not fields.deployment:
        reasons["deployment"] = "Choose a deployment. None is on offer until a model is connected."
    wanted = {
        "model": fields.deployment,
        "name": fields.name,
        "description": fields.description,
        "instructions": fields.instructions,
        "tools": _tools(fields, stored.get("tools") or [], reasons),
        "tool_resources": _resources(fields, stored.get("tool_resources") or {}),
        "temperature": _sampling(fields.temperature, 2, stored.get("temperature"), "temperature", reasons),
        "top_p": _sampling(fields.top_p, 1, stored.get("top_p"), "top_p", reasons),
        "response_format": _response_format(fields, stored.get("response_format"), reasons),
        "reasoning_effort": fields.reasoning_effort or None,
        "metadata": _metadata(fields, reasons),
    }
    if reasons:
        raise RefusedForm(reasons)
    return wanted


def _tools(fields: AssistantFields, stored: list[dict[str, Any]], reasons: dict[str, str]) -> list[dict[str, Any]]:
    """Return the tools in their stored order; options and kinds that the form does not show are kept."""
    functions = _functions(fields, reasons)
    switches = {"code_interpreter": fields.code_interpreter, "file_search": fields.file_search}
    kept = [tool for tool in stored if tool.get("type") != "function" and switches.get(str(tool.get("type")), True)]
    known = {tool.get("type") for tool in stored}
    added = [{"type": kind} for kind, is_on in switches.items() if is_on and kind not in known]
    shells = {tool["function"]["name"]: tool for tool in stored if tool.get("type") == "function"}
    changed = [
        {**shells.get(function.get("name"), {"type": "function"}), "function": function} for function in functions
    ]
    tools = [*added, *kept, *changed]
    is_same = len(tools) == len(stored) and all(tool in stored for tool in tools)
    return stored if is_same else tools


def _functions(fields: AssistantFields, reasons: dict[str, str]) -> list[dict[str, Any]]:
    functions = []
    for text in fields.function:
        try:
            functions.append(read_object(text))
        except JsonProblem as problem:
            reasons["functions"] = f"A function is no JSON object. {problem}"
    return functions


def _resources(fields: AssistantFields, stored: Mapping[str, Any]) -> dict[str, Any]:
    shown = {
        "code_interpreter": ("file_ids", fields.code_file_ids),
        "file_search": ("vector_store_ids", [fields.vector_store_id] if fields.vector_store_id else []),
    }
    resources = dict(stored)
    for kind, (name, ids) in shown.items():
        if ids or (stored.get(kind) or {}).get(name):
            resources[kind] = {**(stored.get(kind) or {}), name: ids}
    return resources


def _sampling(text: str, highest: int, stored: float | None, name: str, reasons: dict[str, str]) -> float | None:
    """Return the number; an empty field stands for the API's default, also where another number is stored."""
    if not text.strip():
        return None if stored is None else _DEFAULT_SAMPLING
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not 0 <= number <= highest:
        reasons[name] = f"Write a number from 0 to {highest}, or nothing for the default."
    return number


def _response_format(fields: AssistantFields, stored: object, reasons: dict[str, str]) -> object:
    match fields.response_format:
        case "auto" if stored is None:
            return None
        case "json_schema":
            return _json_schema(fields.response_schema, stored, reasons)
        case "text" | "json_object" as kind:
            return {"type": kind}
        case word:
            return word


def _json_schema(text: str, stored: object, reasons: dict[str, str]) -> object:
    """Return the format with the schema; what is stored already is not judged again."""
    try:
        if isinstance(stored, dict) and stored.get("json_schema") == read_object(text):
            return stored
        return {"type": "json_schema", "json_schema": check_response_schema(text)}
    except JsonProblem as problem:
        reasons["response_schema"] = str(problem)
        return None


def _metadata(fields: AssistantFields, reasons: dict[str, str]) -> dict[str, str]:
    metadata = dict(fields.pairs)
    if not all(metadata):
        reasons["metadata"] = "Give each value a key."
    elif len(metadata) < len(fields.pairs):
        reasons["metadata"] = "Each key may stand there only once."
    return metadata


def _plain(value: object) -> object:
    """Return a value such that what means the same is equal."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n") or None
    return None if value in _NOTHING else value

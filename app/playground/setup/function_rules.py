"""What the API accepts as a function and as a response schema, checked while a person writes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict

from app.playground.setup.assistant_form import Text, as_json
from app.playground.text.json_schema import check_schema
from app.playground.text.typed_json import JsonProblem, read_object

if TYPE_CHECKING:
    from collections.abc import Collection

_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_NAME_RULE: Final = "Use 1 to 64 letters (a to z), digits, underscores and hyphens."
_LONGEST_DESCRIPTION: Final = 1024
_SCHEMA_EXAMPLE: Final = 'such as {"name": "answer", "schema": {"type": "object", …}}'


class FunctionFields(BaseModel):
    """The function editor's form."""

    model_config = ConfigDict(frozen=True)

    name: str = ""
    description: Text = ""
    parameters: Text = ""
    strict: bool = False
    kept: str = ""
    """JSON of what the function has beside these fields."""


def fields_of_function(function: dict[str, Any]) -> FunctionFields:
    """Return a function as the editor shows it."""
    shown = {"name", "description", "parameters", "strict"}
    kept = {name: value for name, value in function.items() if name not in shown}
    parameters = function.get("parameters")
    return FunctionFields(
        name=str(function.get("name") or ""),
        description=str(function.get("description") or ""),
        parameters="" if parameters is None else as_json(parameters, indent=2),
        strict=bool(function.get("strict")),
        kept=as_json(kept) if kept else "",
    )


def function_of(fields: FunctionFields, taken: Collection[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the function, and a reason for each field that the API would refuse."""
    reasons: dict[str, str] = {}
    if not _NAME.fullmatch(fields.name):
        reasons["name"] = _NAME_RULE
    elif fields.name in taken:
        reasons["name"] = f"Another function is called '{fields.name}' already."
    if len(fields.description) > _LONGEST_DESCRIPTION:
        reasons["description"] = f"At most 1,024 characters; these are {len(fields.description):,}."
    function: dict[str, Any] = {"name": fields.name}
    if fields.description:
        function["description"] = fields.description
    try:
        function |= _parameters(fields) | (read_object(fields.kept) if fields.kept else {})
    except JsonProblem as problem:
        reasons["parameters"] = str(problem)
    if fields.strict:
        function["strict"] = True
    return function, reasons


def pasted_function(fields: FunctionFields) -> FunctionFields:
    """Return the editor's form filled from a whole definition, where one was written in place of the parameters."""
    try:
        value = read_object(fields.parameters)
    except JsonProblem:
        return fields
    definition = value.get("function", value)
    is_definition = isinstance(definition, dict) and isinstance(definition.get("name"), str)
    if not is_definition or not ({"parameters", "description", "strict"} & definition.keys()):
        return fields
    return fields_of_function(definition)


def check_response_schema(text: str) -> dict[str, Any]:
    """Return the `json_schema` object of a response format; raises `JsonProblem`."""
    definition = read_object(text)
    if not isinstance(definition.get("name"), str) or "schema" not in definition:
        raise JsonProblem(f"Give it a name and a schema, {_SCHEMA_EXAMPLE}.", text, 0)
    if not _NAME.fullmatch(definition["name"]):
        raise JsonProblem(f"The name is not allowed. {_NAME_RULE}")
    check_schema(definition["schema"], text, ("schema",), is_strict=bool(definition.get("strict")))
    return definition


def _parameters(fields: FunctionFields) -> dict[str, Any]:
    """Return the parameters, or nothing: a function may go without."""
    if not fields.parameters.strip():
        return {}
    parameters = read_object(fields.parameters)
    if parameters or fields.strict:
        check_schema(parameters, fields.parameters, is_strict=fields.strict)
    return {"parameters": parameters}

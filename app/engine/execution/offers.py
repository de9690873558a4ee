"""The tools that a run offers to its model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.engine.models.port import ToolSpec

_CODE_NAMES = ("python", "code_interpreter", "run_python_code")
_CODE_DESCRIPTION = (
    "Runs Python in a stateful sandbox without network and returns what it prints, the value of the last expression "
    "and errors. numpy, pandas, matplotlib, scipy and sympy are installed. Files lie in /mnt/data. Figures are shown "
    "to the user. To offer a file for download, write it to /mnt/data and link to it as sandbox:/mnt/data/NAME."
)
_SEARCH_NAMES = ("file_search", "search_files", "search_documents")
_SEARCH_DESCRIPTION = (
    "Searches the user's uploaded documents and returns numbered passages. Call it whenever the answer may stand in "
    "them. Give two or three queries: one as a short question that can be understood without the conversation, the "
    "others as key terms and synonyms that the documents may use."
)
_SEARCH_PARAMETERS = {
    "type": "object",
    "properties": {
        "queries": {
            "type": "array",
            "items": {"type": "string", "minLength": 2, "maxLength": 120},
            "minItems": 1,
            "maxItems": 3,
            "description": "Up to three queries to search for.",
        }
    },
    "required": ["queries"],
    "additionalProperties": False,
}
_CODE_PARAMETERS = {
    "type": "object",
    "properties": {"code": {"type": "string", "description": "The Python code to run."}},
    "required": ["code"],
    "additionalProperties": False,
}


def tool_specs(tools: Sequence[dict[str, Any]]) -> dict[str, ToolSpec]:
    """Return what the model is offered, by name; a function of the caller keeps its name, ours gives way."""
    functions = [tool["function"] for tool in tools if tool["type"] == "function"]
    specs = {function["name"]: _function_spec(function) for function in functions}
    if any(tool["type"] == "code_interpreter" for tool in tools):
        name = next(name for name in (*_CODE_NAMES, "_python") if name not in specs)
        specs[name] = ToolSpec("code_interpreter", name, _CODE_DESCRIPTION, _CODE_PARAMETERS)
    if any(tool["type"] == "file_search" for tool in tools):
        name = next(name for name in (*_SEARCH_NAMES, "_file_search") if name not in specs)
        specs[name] = ToolSpec("file_search", name, _SEARCH_DESCRIPTION, _SEARCH_PARAMETERS)
    return specs


def first_choice(tool_choice: str | dict[str, Any], specs: dict[str, ToolSpec]) -> str:
    """Translate the run's `tool_choice` for the model; a tool that is not offered counts as `auto`."""
    if isinstance(tool_choice, str):
        return tool_choice
    if tool_choice["type"] == "function":
        name = (tool_choice.get("function") or {}).get("name")
        return f"tool:{name}" if name in specs else "auto"
    for spec in specs.values():
        if spec.kind == tool_choice["type"]:
            return f"tool:{spec.name}"
    return "auto"


def _function_spec(function: dict[str, Any]) -> ToolSpec:
    parameters = function.get("parameters") or {"type": "object", "properties": {}}
    return ToolSpec(
        "function", function["name"], function.get("description") or "", parameters, strict=bool(function.get("strict"))
    )

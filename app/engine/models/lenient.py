"""Reads tool calls that a model wrote into its text instead of asking for them as the protocol says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from app.engine.models.port import ToolSpec

# Strings of JSON may hold raw line breaks here: small models write code that way.
_DECODER = json.JSONDecoder(strict=False)
_TAGGED = re.compile(r"<(tool_call|tool_use|function_call)>(.*?)(?:</\1>|\Z)", re.DOTALL)
_FENCED = re.compile(r"```(?:json|tool_call|tool_code)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
_NAMED_TAG = re.compile(r"<function=([\w.-]+)>(.*?)(?:</function>|\Z)", re.DOTALL)
_SEPARATORS = " \t\r\n;,"

_NAME_KEYS = ("name", "tool", "tool_name", "function")
_ARGUMENT_KEYS = ("arguments", "parameters", "args", "input", "tool_input")


def parse_tool_calls(text: str, tools: Sequence[ToolSpec]) -> list[tuple[str, str]]:
    """Return the name and the arguments (JSON) of each call of a tool on offer that `text` consists of or marks."""
    names = {tool.name for tool in tools}
    return [call for value in _values(text) for call in _calls(value) if call[0] in names]


def _values(text: str) -> Iterator[object]:
    """Yield the JSON values in tags; without tags those in fences; without fences those that are the whole text."""
    named = [{"name": match[1], "arguments": _first(match[2])} for match in _NAMED_TAG.finditer(text)]
    if named:
        yield from named
        return
    marked = [match[2] for match in _TAGGED.finditer(text)] or [match[1] for match in _FENCED.finditer(text)]
    for part in marked or [text]:
        yield from _decode_all(part)


def _decode_all(text: str) -> list[object]:
    """Return the JSON values that follow each other in `text`, or nothing where it holds anything else."""
    values: list[object] = []
    position = 0
    text = text.strip(_SEPARATORS)
    while position < len(text):
        try:
            value, position = _DECODER.raw_decode(text, position)
        except ValueError:
            return []
        values.append(value)
        while position < len(text) and text[position] in _SEPARATORS:
            position += 1
    return values


def _first(text: str) -> object:
    values = _decode_all(text)
    return values[0] if values else {}


def _calls(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _calls(item)
    elif isinstance(value, Mapping):
        if isinstance(value.get("tool_calls"), list):
            yield from _calls(value["tool_calls"])
        elif isinstance(value.get("function"), Mapping):
            yield from _calls(value["function"])
        else:
            yield from _call(value)


def _call(value: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    name = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    arguments = next((value[key] for key in _ARGUMENT_KEYS if key in value), None)
    if isinstance(arguments, str):
        arguments = _first(arguments)
    if isinstance(name, str) and isinstance(arguments, Mapping):
        yield name, json.dumps(arguments, ensure_ascii=False)

"""Tests of reading tool calls out of text."""

from __future__ import annotations

import json

import pytest

from app.engine.models.lenient import parse_tool_calls
from app.engine.models.port import ToolSpec

TOOLS = (
    ToolSpec("function", "get_weather", "Weather of a city", {"type": "object"}),
    ToolSpec("code_interpreter", "code_interpreter", "Runs Python", {"type": "object"}),
)
PARIS = ("get_weather", '{"city": "Paris"}')


@pytest.mark.parametrize(
    "text",
    [
        'Sure.\n```json\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n```',
        '```\n{"name": "get_weather", "parameters": {"city": "Paris"}}\n```\nOne moment.',
        '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>',
        '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}',
        '  {"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}\n',
        '{"type": "function", "function": {"name": "get_weather", "arguments": {"city": "Paris"}}}',
        '{"tool_calls": [{"name": "get_weather", "arguments": {"city": "Paris"}}]}',
        '[{"tool": "get_weather", "input": {"city": "Paris"}}]',
        '<function=get_weather>{"city": "Paris"}</function>',
    ],
)
def test_call_in_text_is_read(text: str) -> None:
    assert parse_tool_calls(text, TOOLS) == [PARIS]


def test_several_calls_are_read_in_order() -> None:
    text = (
        '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call>\n'
        '<tool_call>{"name": "get_weather", "arguments": {"city": "Rome"}}</tool_call>'
    )

    assert parse_tool_calls(text, TOOLS) == [PARIS, ("get_weather", '{"city": "Rome"}')]


def test_calls_that_follow_each_other_without_marks_are_read() -> None:
    text = '{"name": "get_weather", "arguments": {"city": "Paris"}};\n{"name": "get_weather", "arguments": {}}'

    assert parse_tool_calls(text, TOOLS) == [PARIS, ("get_weather", "{}")]


def test_code_with_raw_line_breaks_is_read() -> None:
    text = '```json\n{"name": "code_interpreter", "arguments": {"code": "x = 1\nprint(x)"}}\n```'

    ((name, arguments),) = parse_tool_calls(text, TOOLS)

    assert (name, json.loads(arguments)) == ("code_interpreter", {"code": "x = 1\nprint(x)"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The weather is fine.",
        '{"name": "delete_everything", "arguments": {}}',
        '{"name": "get_weather"}',
        '{"name": "get_weather", "arguments": [1]}',
        '{"name": "get_weather", "arguments": {"city": ',
        'A call looks like {"name": "get_weather", "arguments": {"city": "Paris"}}, you see.',
        "```python\nprint(1)\n```",
        "42",
    ],
)
def test_other_text_holds_no_call(text: str) -> None:
    assert parse_tool_calls(text, TOOLS) == []

"""JSON Schema's rules, with the place of what breaks them."""

from __future__ import annotations

import pytest

from app.playground.text.json_schema import check_schema
from app.playground.text.typed_json import JsonProblem, read_json

STRICT = '{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false}'


def problem(text: str, *, is_strict: bool = False) -> str:
    with pytest.raises(JsonProblem) as raised:
        check_schema(read_json(text), text, is_strict=is_strict)
    return str(raised.value)


@pytest.mark.parametrize(
    ("inside", "sentence"),
    [
        ('"properties": {"a": {"type": "strng"}}', "Line 1, column 49: 'strng' is not a type: choose from string"),
        ('"properties": {"a": {"type": []}}', "The list of types is empty"),
        ('"properties": {"a": 3}', 'A schema belongs here: such as {"type": "string"}.'),
        ('"properties": []', "'properties' must be an object"),
        ('"required": "a"', "'required' must be a list of names"),
        ('"required": [1]', "'required' must be a list of names"),
        ('"properties": {"a": true}, "required": ["b"]', "'b' is required, but is no property"),
        ('"properties": {"a": {"enum": "x"}}', "'enum' must be a list"),
        ('"properties": {"a": {"type": "array", "items": 3}}', "A schema belongs here"),
        ('"properties": {"a": {"anyOf": [{"type": "nil"}]}}', "'nil' is not a type"),
        ('"properties": {"a": {"minLength": true}}', "'minLength' must be a whole number"),
        ('"$defs": {"n": {"type": "nope"}}', "'nope' is not a type"),
        ('"additionalProperties": "no"', "A schema belongs here"),
    ],
)
def test_a_broken_rule_is_named_with_its_place(inside: str, sentence: str) -> None:
    assert sentence in problem('{"type": "object", ' + inside + "}")


def test_good_schemas_pass() -> None:
    for text in (STRICT, '{"type": "object"}', '{"type": "object", "properties": {"a": {"type": ["string", "null"]}}}'):
        check_schema(read_json(text), text)
    check_schema(read_json(STRICT), STRICT, is_strict=True)


def test_strict_schemas_name_all_properties_and_allow_no_others() -> None:
    assert "additionalProperties" in problem(STRICT.replace("false", "true"), is_strict=True)
    assert "Strict needs 'a' in 'required'" in problem(STRICT.replace('["a"]', "[]"), is_strict=True)


def test_deep_schemas_are_refused_without_harm() -> None:
    deep = '{"items": ' * 300 + "{}" + "}" * 300
    assert "nested too deeply" in problem('{"type": "object", "properties": {"a": ' + deep + "}}")


def test_places_are_found_on_later_lines_and_in_lists() -> None:
    text = '{\n  "type": "object",\n  "properties": {\n    "a": {"anyOf": [{"type": "null"}, {"type": "x"}]}\n  }\n}'
    assert problem(text).startswith("Line 4, column 48: 'x' is not a type")

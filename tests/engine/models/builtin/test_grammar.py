"""Tests of the grammars."""

from __future__ import annotations

import pytest

from app.engine.models.builtin.grammar import answer_schema, list_of_arguments, one_of, quoting


def test_words_are_escaped_as_grammars_want_it() -> None:
    assert one_of(['a"b', "c\\d\n", "é"]) == 'root ::= "a\\"b" | "c\\\\d\\n" | "é"'


def test_any_of_the_programs_may_be_quoted() -> None:
    assert quoting(["print(1)\n", "print(2)"]).startswith('root ::= ("print(1)" | "print(2)") "\\n```\\n"')


def test_function_without_parameters_takes_any_object() -> None:
    assert list_of_arguments({}, most=1)["items"] == {"type": "object"}


@pytest.mark.parametrize(
    ("response_format", "schema"),
    [
        (None, None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, {"type": "object"}),
        ({"type": "json_schema"}, {"type": "object"}),
        ({"type": "json_schema", "json_schema": {"schema": {"type": "array"}}}, {"type": "array"}),
    ],
)
def test_answer_follows_the_response_format(
    response_format: dict[str, object] | None, schema: dict[str, object] | None
) -> None:
    assert answer_schema(response_format) == schema

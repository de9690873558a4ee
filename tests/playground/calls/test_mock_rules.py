"""Which mock fits a call."""

from __future__ import annotations

import pytest

from app.errors import InvalidRequest
from app.journal.mocks import Condition, Mock
from app.playground.calls.mock_rules import fitting, read_conditions, suggested_conditions, written


def mock(output: str, conditions: str = "", function: str = "f") -> Mock:
    return Mock(f"mock_{output}", function, read_conditions(conditions), output)


@pytest.mark.parametrize(
    ("condition", "arguments"),
    [
        ('location = "Paris"', '{"location": "Paris"}'),
        ("location = Paris", '{"location": "Paris"}'),
        ("days = 3", '{"days": 3.0}'),
        ("days = 3", '{"days": "3"}'),
        ("place.city = Bern", '{"place": {"city": "Bern"}}'),
        ("items.1 = b", '{"items": ["a", "b"]}'),
        ("tags = [1, 2]", '{"tags": [1, 2]}'),
        ("is_open = true", '{"is_open": true}'),
        ("note = null", '{"note": null}'),
        ("sum = a = b", '{"sum": "a = b"}'),
    ],
)
def test_a_condition_holds(condition: str, arguments: str) -> None:
    assert fitting([mock("yes", condition)], "f", arguments) is not None


@pytest.mark.parametrize(
    ("condition", "arguments"),
    [
        ("location = Paris", '{"location": "London"}'),
        ("location = Paris", '{"city": "Paris"}'),
        ("location = Paris", "no JSON at all"),
        ("location = Paris", '"Paris"'),
        ("is_open = true", '{"is_open": 1}'),
        ("days = 1", '{"days": true}'),
        ("items.7 = b", '{"items": ["a", "b"]}'),
        ("x = 1", "[" * 100_000),
    ],
)
def test_a_condition_does_not_hold(condition: str, arguments: str) -> None:
    assert fitting([mock("yes", condition)], "f", arguments) is None


def test_the_most_specific_mock_wins_then_the_first() -> None:
    mocks = [
        mock("any"),
        mock("paris", "a = 1"),
        mock("later", "b = 2"),
        mock("both", "a = 1\nb = 2"),
        mock("g", "", "g"),
    ]
    assert fitting(mocks, "f", "{}") == mocks[0]
    assert fitting(mocks[:3], "f", '{"a": 1, "b": 2}') == mocks[1]
    assert fitting(mocks, "f", '{"a": 1, "b": 2}') == mocks[3]
    assert fitting(mocks, "h", "{}") is None


def test_conditions_are_read_as_they_are_written() -> None:
    conditions = read_conditions(' a = 1 \n\nb.c = "x = y"\n')
    assert conditions == (Condition("a", "1"), Condition("b.c", '"x = y"'))
    assert read_conditions(written(conditions)) == conditions


@pytest.mark.parametrize("text", ["location", "a = 1\n= 2", "a ="])
def test_a_line_that_is_no_condition_is_named(text: str) -> None:
    with pytest.raises(InvalidRequest, match=f"Line {len(text.splitlines())} is no condition"):
        read_conditions(text)


def test_there_is_an_end_to_conditions() -> None:
    with pytest.raises(InvalidRequest, match="at most 50"):
        read_conditions("a = 1\n" * 51)


def test_a_call_suggests_its_plain_arguments() -> None:
    arguments = '{"location": "Köln", "days": 2, "where": {"x": 1}, "a.b": 1, "": 2}'
    assert written(suggested_conditions(arguments)) == 'location = "Köln"\ndays = 2'
    assert suggested_conditions("[1]") == ()

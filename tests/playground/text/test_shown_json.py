"""JSON for people."""

from __future__ import annotations

import pytest

from app.playground.text.shown_json import coloured, formatted, mistake


def test_json_is_formatted_and_coloured() -> None:
    assert formatted('{"a":[1,"é"]}') == '{\n  "a": [\n    1,\n    "é"\n  ]\n}'
    assert 'class="hl-' in coloured('{"a":1}')


@pytest.mark.parametrize("text", ["It rains & <b>pours</b>", "[" * 5_000, '"\\ud800"'])
def test_what_can_not_be_formatted_stays_and_harms_nobody(text: str) -> None:
    assert formatted(text) == text
    assert "<b>" not in coloured(text)


def test_long_text_is_cut_with_a_word_about_it() -> None:
    assert "… 80,000 more characters" in coloured("x" * 100_000)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{}", ""),
        ('{"a": }', "line 1, column 7"),
        ("rain", "line 1, column 1"),
        ("[" * 100_000, "it is nested too deeply"),
    ],
)
def test_a_mistake_has_its_place(text: str, place: str) -> None:
    assert mistake(text) == place


def test_a_huge_number_is_a_mistake() -> None:
    assert "too long" in mistake("1" * 5_000)

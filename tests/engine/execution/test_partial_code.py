from __future__ import annotations

import json

import pytest

from app.engine.execution.partial_code import PartialCode

CODE = 'print("ä", \'\\n\')\n\tx = {"a": 1}  # 😀 \\ /\n'


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_code_is_shown_as_it_arrives(size: int, *, ascii_only: bool) -> None:
    text = json.dumps({"code": CODE}, ensure_ascii=ascii_only)
    reader = PartialCode()
    shown = "".join(reader.feed(text[start : start + size]) for start in range(0, len(text), size))
    assert shown == CODE
    assert reader.whole() == CODE


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("print(1)", "print(1)"),
        ('"print(1)"', "print(1)"),
        ('{"source": "x"}', "x"),
        ('{"code": "print(', "print("),
        ('{"code": "a\nb"}', "a\nb"),
        ("{}", ""),
        ("", ""),
    ],
)
def test_what_is_no_such_json_is_read_leniently(arguments: str, code: str) -> None:
    reader = PartialCode()
    reader.feed(arguments)
    assert reader.whole() == code


def test_half_a_surrogate_pair_does_no_harm() -> None:
    reader = PartialCode()
    assert reader.feed('{"code": "\\ud83dx\\u0041\\udc00').encode()

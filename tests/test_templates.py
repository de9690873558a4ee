"""The house's bans in templates: nothing inline, htmx 4 spelling only, and short files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
ALL = sorted(TEMPLATES.rglob("*.html"))
BANNED = {
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "an inline stylesheet": r"<style",
    "a style attribute": r"\sstyle\s*=",
    "an event handler attribute": r"\son[a-z]+\s*=",
    "an htmx event handler": r"\shx-on",
    "a javascript value": r"""=\s*["']\s*(js|javascript):""",
    "a trigger filter": r"""hx-trigger\s*=\s*["'][^"']*\[""",
    "an extension list of htmx 2": r"\shx-ext\b",
    "an SSE attribute of htmx 2": r"\ssse-",
    "an out-of-band append": r"""hx-swap-oob\s*=\s*["'](before|after)""",
    "a data- spelling of htmx": r"\sdata-hx-",
    "a camel case event of htmx 2": r"htmx:[a-z]+[A-Z]",
    "an attribute that htmx 4 has renamed": r"\shx-(disabled-elt|vars|params|prompt|inherit|disinherit|request)\b",
    "markup that is not escaped": r"\|\s*safe\b|autoescape\s+false",
}


def name_of(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_template_holds_nothing_that_is_banned(path: Path) -> None:
    text = path.read_text()
    assert [what for what, pattern in BANNED.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_template_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", [path for path in ALL if "pages" in path.parts], ids=name_of)
def test_a_page_extends_the_layout(path: Path) -> None:
    assert path.read_text().startswith('{% extends "layout.html" %}')


@pytest.mark.parametrize(
    "text",
    ["<script>x</script>", '<p onclick="x">', '<a hx-trigger="click[ctrlKey]">', '<p hx-on:click="x">', "{{ x|safe }}"],
)
def test_the_bans_find_what_they_ban(text: str) -> None:
    assert [what for what, pattern in BANNED.items() if re.search(pattern, text)]


def test_scripts_and_htmx_settings_are_no_inline_code() -> None:
    text = '<script src="{{ x }}" defer></script><div hx-sse:connect="{{ y }}" hx-trigger="load, bus:retry">'
    assert not [what for what, pattern in BANNED.items() if re.search(pattern, text)]

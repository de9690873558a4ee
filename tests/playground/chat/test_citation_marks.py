"""Marks of citations in Markdown."""

from __future__ import annotations

import pytest

from app.playground.chat.citation_marks import CitationMark, is_mark, without_marks
from app.playground.text import markdown
from tests.playground.visitor import parsed

MARK = "【4:0†a_b*c*.md】"
MARKS = {MARK: CitationMark(1, "a_b*c*.md", "source-1")}


def rendered(text: str) -> str:
    return str(markdown.render(text, {}, MARKS))


def test_a_cited_mark_becomes_a_button_with_a_name() -> None:
    (button,) = parsed(rendered(f"It **is**{MARK}.")).find_class("cite")
    assert (button.tag, button.text, button.get("data-clicks")) == ("button", "1", "source-1")
    assert button.get("aria-label") == "Source 1: a_b*c*.md"


def test_a_mark_that_cannot_be_opened_is_no_button() -> None:
    html = markdown.render(MARK, {}, {MARK: CitationMark(2, "a.md")})
    (span,) = parsed(str(html)).find_class("cite")
    assert (span.tag, span.text, span.get("title")) == ("span", "2", "a.md")


@pytest.mark.parametrize("text", ["【9:9†made up.md】", "【注意】"])
def test_an_invented_mark_stays_text(text: str) -> None:
    assert rendered(text) == f"<p>{text}</p>\n"


@pytest.mark.parametrize(
    "text",
    [f"`{MARK}`", f"```\n{MARK}\n```", f"    {MARK}", f"```{MARK}\ncode\n```", f"$x{MARK}$", "[" * 4000 + MARK],
)
def test_a_mark_in_code_or_a_formula_is_no_button(text: str) -> None:
    html = rendered(text)
    assert "<button" not in html
    assert "\ue000" not in html


def test_a_mark_in_a_link_or_an_image_breaks_nothing() -> None:
    html = rendered(f"[see {MARK}](https://example.com/{MARK}) ![{MARK}](x{MARK})")
    assert html.count("<button") == 1
    assert "\ue000" not in html


def test_written_placeholders_mean_nothing() -> None:
    html = rendered(f'\ue0000\ue001 <span class="cite-0"></span> {MARK}')
    assert html.count("<button") == 1
    assert "&lt;span" in html


def test_hostile_names_are_text() -> None:
    name = '"><img src=x onerror=alert(1)>'
    html = str(markdown.render(MARK, {}, {MARK: CitationMark(1, name, '"><script>')}))
    (button,) = parsed(html).find_class("cite")
    assert button.get("aria-label") == f"Source 1: {name}"
    assert "<img" not in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It is【4:0†a.md】 so", "It is so"),
        ("It is【", "It is"),
        ("It is【4:", "It is"),
        ("It is【4:0†a b", "It is"),
        ("【注意】 and 【注", "【注意】 and 【注"),
        ("It is【4:0】", "It is"),
    ],
)
def test_unfinished_text_shows_no_marks(text: str, shown: str) -> None:
    assert without_marks(text) == shown


def test_only_a_whole_mark_counts() -> None:
    assert is_mark(MARK)
    assert not is_mark("a")
    assert not is_mark(f"{MARK}{MARK}")

"""Letters with too many combining marks are shown with thirty, and copied as they are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from app.playground.text.marks import stream_safe
from tests.doubles.models import says

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor

ACUTE = "\u0301"


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "Tiếng Việt, ภาษาไทยน้ำ, हिन्दी, བོད་སྐད་, שָׁלוֹם",
        "👨‍👩‍👧‍👦" * 20 + "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f" + "😀" * 100,
        f"a{ACUTE * 30}b{ACUTE * 30}",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert stream_safe(f"<p>{text}</p>") == f"<p>{text}</p>"


@pytest.mark.parametrize("marks", [ACUTE, f"{ACUTE}\u200d", "\U0001d165", "\ufe0f", "\u0903"])
def test_a_letter_bears_thirty_marks(marks: str) -> None:
    shown = stream_safe(f"<p>a{marks * 50_000}b</p>")
    assert shown == f"<p>a{(marks * 30)[:30]}…b</p>"


def test_attributes_and_fields_are_left_alone() -> None:
    text = f"a{ACUTE * 40}"
    html = f'<p data-copy="{text}">x</p><textarea name="text">\n{text}</textarea>'
    assert stream_safe(html) == html
    assert stream_safe(f"{html}{text}") == f"{html}a{ACUTE * 30}…"


def test_a_long_page_is_looked_through_quickly() -> None:
    began = time.process_time()
    stream_safe("<p>Hällo wörld … 你好</p>" * 20_000)
    assert time.process_time() - began < 1


def test_messages_are_shown_with_few_marks_and_copied_with_all(visitor: Visitor, house: House) -> None:
    text = f"Za{ACUTE * 50_000}lgo"
    house.model.turns = [says(text)]
    visitor.start()
    visitor.run("Hello")
    assert visitor.all("message-body")[-1] == f"Za{ACUTE * 30}…lgo"
    assert visitor.attributes("//article[last()]//button/@data-copy")[-1] == text

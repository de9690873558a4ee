"""Titles of threads: set, changed, taken back, found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.journal.titles import Titles

if TYPE_CHECKING:
    from app.database import Database


async def test_a_title_is_set_changed_and_taken_back(database: Database) -> None:
    titles = Titles(database)
    await titles.set("Here", "thread_1", "First")
    await titles.set("Here", "thread_1", "Second")
    await titles.set("There", "thread_1", "Other")
    assert await titles.of_threads("Here", ["thread_1", "thread_2"]) == {"thread_1": "Second"}
    await titles.set("Here", "thread_1", "")
    assert await titles.of_threads("Here", ["thread_1"]) == {}


async def test_titles_are_found_by_a_part_in_any_case(database: Database) -> None:
    titles = Titles(database)
    await titles.set("Here", "thread_1", "100% Invoices")
    await titles.set("Here", "thread_2", "1000 letters")
    assert await titles.search("Here", "invoice", 5) == {"thread_1": "100% Invoices"}
    assert await titles.search("Here", "100%", 5) == {"thread_1": "100% Invoices"}
    assert await titles.search("There", "letters", 5) == {}

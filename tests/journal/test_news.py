from __future__ import annotations

from typing import TYPE_CHECKING

from app.journal.news import News
from tests.journal.calls import call

if TYPE_CHECKING:
    from app.database import Database
    from app.journal.journal import Journal


async def test_news_are_told_to_those_whom_they_concern(database: Database, journal: Journal) -> None:
    old = await journal.record_exchange("s", call("a"), principal="jane")
    news = News(database, look_seconds=0)
    assert await news.number("jane") == await news.number("tom") == await news.number("") == old.number
    new = await journal.record_exchange("t", call("b"), principal="tom")
    assert await news.number("jane") == old.number
    assert await news.number("tom") == await news.number("") == new.number


async def test_the_end_of_a_call_is_news_for_who_made_it(database: Database, journal: Journal) -> None:
    news = News(database, look_seconds=0)
    begun = await journal.record_exchange("s", call("a", is_finished=False), principal="jane")
    assert await news.number("jane") == begun.number
    await journal.record_exchange("s", call("a"), principal="jane")  # It amends the one above.
    assert await news.number("jane") > begun.number
    assert await news.number("tom") == begun.number


async def test_one_look_serves_for_a_while(database: Database, journal: Journal) -> None:
    news = News(database, look_seconds=60)
    assert await news.number("") == 0
    await journal.record_exchange("s", call("a"), principal="jane")
    assert await news.number("") == 0

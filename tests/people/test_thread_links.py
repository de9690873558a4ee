"""Links to threads end by themselves, and with the person who made them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.clock import FakeClock
from app.database import Database
from app.errors import InvalidRequest, NotFound
from app.people.people import People
from app.people.tables import thread_links
from app.people.thread_links import DAY_SECONDS, ThreadLinks


async def test_a_link_expires_and_its_secret_is_not_kept(database: Database, clock: FakeClock) -> None:
    links, ada = ThreadLinks(database, clock), await People(database, clock).add("Ada")
    secret = await links.make(ada.id, "Built-in", "thread_1", 7)
    assert (await links.find(secret)).thread_id == "thread_1"
    stored = await database.read(lambda unit: unit.execute(select(thread_links)).all())
    assert secret not in str(stored)
    clock.advance(7 * DAY_SECONDS)
    assert await links.list(ada.id, "thread_1") == []
    with pytest.raises(NotFound):
        await links.find(secret)


async def test_who_is_removed_takes_their_links_along(database: Database, clock: FakeClock) -> None:
    links, people = ThreadLinks(database, clock), People(database, clock)
    ada = await people.add("Ada")
    secret = await links.make(ada.id, "Built-in", "thread_1", 7)
    await people.remove(ada.id)
    with pytest.raises(NotFound):
        await links.find(secret)


async def test_a_thread_has_so_many_links(database: Database, clock: FakeClock) -> None:
    links, ada = ThreadLinks(database, clock), await People(database, clock).add("Ada")
    for _ in range(20):
        await links.make(ada.id, "Built-in", "thread_1", 1)
    with pytest.raises(InvalidRequest, match="20 links"):
        await links.make(ada.id, "Built-in", "thread_1", 1)

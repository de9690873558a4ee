from __future__ import annotations

import pytest

from app.clock import FakeClock
from app.database import Database
from app.errors import Forbidden, NotFound
from app.journal.mocks import Condition, Mocks

PARIS = (Condition("location", '"Paris"'),)


@pytest.fixture
def mocks(database: Database, clock: FakeClock) -> Mocks:
    return Mocks(database, clock)


async def test_mocks_are_found_by_their_functions_in_order(mocks: Mocks) -> None:
    first = await mocks.add("get_weather", PARIS, "rain")
    second = await mocks.add("get_weather", (), "sun")
    await mocks.add("look_up", (), "{}")
    assert await mocks.of(["get_weather"]) == [first, second]
    assert first.conditions == PARIS


async def test_a_mock_is_changed_and_deleted(mocks: Mocks) -> None:
    mock = await mocks.add("get_weather", (), "rain")
    await mocks.change(mock.id, PARIS, "sun")
    assert await mocks.get(mock.id) == type(mock)(mock.id, "get_weather", PARIS, "sun")
    await mocks.delete(mock.id)
    with pytest.raises(NotFound):
        await mocks.get(mock.id)
    with pytest.raises(NotFound):
        await mocks.change(mock.id, (), "")


async def test_the_order_is_changed_and_ends_hold(mocks: Mocks) -> None:
    ids = [(await mocks.add("f", (), str(number))).id for number in range(3)]
    await mocks.move(ids[2], -1)
    assert [mock.output for mock in await mocks.of(["f"])] == ["0", "2", "1"]
    await mocks.move(ids[0], -1)
    await mocks.move(ids[1], 1)
    assert [mock.output for mock in await mocks.of(["f"])] == ["0", "2", "1"]


async def test_a_function_is_automatic_once_that_was_chosen(mocks: Mocks) -> None:
    assert await mocks.automatic(["f", "g"]) == set()
    await mocks.set_automatic("f", is_automatic=True)
    assert await mocks.automatic(["f", "g"]) == {"f"}
    await mocks.set_automatic("f", is_automatic=False)
    assert await mocks.automatic(["f", "g"]) == set()


async def test_each_person_has_mocks_of_their_own(database: Database, clock: FakeClock) -> None:
    mine, yours = Mocks(database, clock, lambda: "me"), Mocks(database, clock, lambda: "you")
    mock = await mine.add("f", (), "mine")
    await mine.set_automatic("f", is_automatic=True)
    assert (await yours.of(["f"]), await yours.automatic(["f"])) == ([], set())
    await yours.delete(mock.id)
    with pytest.raises(NotFound):
        await yours.change(mock.id, (), "yours")
    assert await mine.of(["f"]) == [mock]


async def test_a_shared_mock_is_used_by_others_and_changed_by_its_owner(database: Database, clock: FakeClock) -> None:
    ada, bob = Mocks(database, clock, lambda: "ada"), Mocks(database, clock, lambda: "bob")
    mock = await ada.add("f", (), "1")
    assert await bob.of(["f"]) == []
    await ada.share(mock.id, is_shared=True)
    [seen] = await bob.of(["f"])
    assert (seen.output, seen.is_own, seen.is_shared) == ("1", False, True)
    await bob.delete(mock.id)
    for change in (bob.share(mock.id, is_shared=False), bob.move(mock.id, 1), bob.change(mock.id, (), "2")):
        with pytest.raises(Forbidden):
            await change
    own = await bob.add("f", (), "3")
    assert [each.id for each in await bob.of(["f"])] == [own.id, mock.id]
    assert (await ada.get(mock.id)).output == "1"
    await ada.share(mock.id, is_shared=False)
    with pytest.raises(NotFound):
        await bob.get(mock.id)

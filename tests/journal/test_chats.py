from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.errors import NotFound

if TYPE_CHECKING:
    from app.clock import FakeClock
    from app.journal.chats import Chats


async def test_a_chat_is_found_again(chats: Chats) -> None:
    made = await chats.create("Built-in engine", assistant_id="asst_1")
    assert await chats.get(made.id) == made


async def test_an_update_changes_only_what_it_names(chats: Chats, clock: FakeClock) -> None:
    made = await chats.create("Built-in engine", assistant_id="asst_1")
    clock.advance(5)
    changed = await chats.update(made.id, thread_id="thread_1")
    assert (changed.assistant_id, changed.thread_id) == ("asst_1", "thread_1")
    assert changed.updated_at == made.updated_at + 5
    assert (await chats.update(made.id, thread_id=None)).thread_id is None


async def test_the_list_begins_with_the_chat_used_last(chats: Chats, clock: FakeClock) -> None:
    first = await chats.create("Built-in engine")
    clock.advance(1)
    second = await chats.create("Built-in engine")
    clock.advance(1)
    await chats.update(first.id, assistant_id="asst_1")
    assert [chat.id for chat in await chats.list()] == [first.id, second.id]


async def test_the_chat_of_a_thread_is_the_one_that_showed_it_last(chats: Chats, clock: FakeClock) -> None:
    await chats.create("Here", thread_id="thread_1")
    clock.advance(1)
    later = await chats.create("Here", thread_id="thread_1")
    await chats.create("There", thread_id="thread_1")
    await chats.create("Here")
    assert await chats.of_thread("Here", "thread_1") == later
    assert await chats.of_thread("Here", "thread_2") is None
    assert [chat.connection for chat in await chats.with_threads("Here", 9)] == ["Here", "Here"]


async def test_run_options_are_kept(chats: Chats) -> None:
    made = await chats.create("Here")
    assert made.run_options == {}
    await chats.update(made.id, run_options={"temperature": 0.5})
    assert (await chats.get(made.id)).run_options == {"temperature": 0.5}


async def test_an_unknown_chat_is_not_found(chats: Chats) -> None:
    with pytest.raises(NotFound):
        await chats.get("chat_unknown")
    with pytest.raises(NotFound):
        await chats.update("chat_unknown", thread_id="thread_1")

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.journal.waiting_files import WaitingFiles

if TYPE_CHECKING:
    from app.clock import FakeClock
    from app.database import Database


@pytest.fixture
def waiting(database: Database, clock: FakeClock) -> WaitingFiles:
    return WaitingFiles(database, clock)


async def test_files_wait_in_their_chat_in_the_order_of_their_uploads(waiting: WaitingFiles, clock: FakeClock) -> None:
    for chat_id, file_id in [("chat_1", "file-b"), ("chat_2", "file-b"), ("chat_1", "file-a")]:
        await waiting.add(chat_id, file_id, "code_interpreter")
        clock.advance(1)
    assert list(await waiting.of_chat("chat_1")) == ["file-b", "file-a"]
    assert await waiting.of_chat("chat_3") == {}


async def test_a_choice_is_kept_and_brings_nothing_back(waiting: WaitingFiles) -> None:
    await waiting.add("chat_1", "file-a", "code_interpreter")
    await waiting.add("chat_2", "file-a", "code_interpreter")
    await waiting.choose("chat_1", {"file-a": "file_search", "file-b": "image"})
    assert await waiting.of_chat("chat_1") == {"file-a": "file_search"}
    assert await waiting.of_chat("chat_2") == {"file-a": "code_interpreter"}


async def test_forgotten_files_wait_no_more(waiting: WaitingFiles) -> None:
    await waiting.add("chat_1", "file-a", "image")
    await waiting.add("chat_1", "file-b", "image")
    await waiting.forget("chat_1", [])
    await waiting.forget("chat_1", ["file-a", "file-c"])
    assert await waiting.of_chat("chat_1") == {"file-b": "image"}

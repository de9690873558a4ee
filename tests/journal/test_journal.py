from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from app.journal.journal import Journal

if TYPE_CHECKING:
    from app.clock import FakeClock
    from app.database import Database


async def append_many(journal: Journal, session_id: str, count: int) -> None:
    for number in range(count):
        await journal.append(session_id, "note", {"text": f"line {number}"})


async def collect(journal: Journal, session_id: str, count: int, after: int = 0) -> list[int]:
    numbers: list[int] = []
    async with asyncio.timeout(10), aclosing(journal.follow(session_id, after)) as entries:
        async for entry in entries:
            numbers.append(entry.number)
            if len(numbers) == count:
                break
    return numbers


async def test_entries_come_back_as_they_were_written(journal: Journal) -> None:
    written = await journal.append("s", "exchange", {"path": "/v1/threads", "n": [1, None]}, thread_id="t", run_id="r")
    assert await journal.entries("s") == [written]
    assert written.number > 0


async def test_sessions_do_not_see_each_other(journal: Journal) -> None:
    await append_many(journal, "a", 2)
    mine = await journal.append("b", "note", {})
    assert await journal.entries("b") == [mine]
    assert await journal.last_number("b") == mine.number
    assert await journal.last_number("c") == 0


async def test_entries_resume_after_a_number_and_stop_at_the_limit(journal: Journal) -> None:
    await append_many(journal, "s", 5)
    first = (await journal.entries("s"))[0].number
    assert [entry.number for entry in await journal.entries("s", after=first, limit=2)] == [first + 1, first + 2]


async def test_follow_replays_then_goes_live_without_gap_or_repeat(journal: Journal) -> None:
    await append_many(journal, "s", 450)
    async with asyncio.TaskGroup() as group:
        early = group.create_task(collect(journal, "s", 600))
        group.create_task(append_many(journal, "s", 75))
        late = group.create_task(collect(journal, "s", 300, after=300))
        group.create_task(append_many(journal, "s", 75))
    assert early.result() == list(range(1, 601))
    assert late.result() == list(range(301, 601))


async def test_a_live_entry_arrives_at_once(journal: Journal) -> None:
    waiting = asyncio.create_task(collect(journal, "s", 1))
    await asyncio.sleep(0.05)
    entry = await journal.append("s", "run_event", {"name": "thread.run.created"})
    assert await asyncio.wait_for(waiting, 2) == [entry.number]


async def test_entries_of_another_process_arrive_with_the_next_poll(database: Database, clock: FakeClock) -> None:
    here, elsewhere = Journal(database, clock, poll_seconds=0.05), Journal(database, clock)
    waiting = asyncio.create_task(collect(here, "s", 1))
    await asyncio.sleep(0.02)
    entry = await elsewhere.append("s", "note", {})
    assert await asyncio.wait_for(waiting, 5) == [entry.number]


async def test_numbers_are_not_used_again_after_pruning(journal: Journal, clock: FakeClock) -> None:
    await append_many(journal, "s", 3)
    old = await journal.last_number("s")
    clock.advance(3600)
    assert await journal.prune(before=clock.now() - 60) == 3
    assert (await journal.append("s", "note", {})).number == old + 1

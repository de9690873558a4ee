from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from app.errors import NotFound
from app.journal.filters import EntryFilter
from app.journal.journal import Journal
from app.journal.retention import Retention
from tests.journal.calls import call

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
    entry = await journal.record_event("s", "thread.run.created", {}, thread_id=None, run_id=None)
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


async def test_only_the_newest_are_kept_and_calls_without_an_end_are_closed(journal: Journal, clock: FakeClock) -> None:
    await journal.record_exchange("s", call("a", is_finished=False))
    clock.advance(10)
    await append_many(journal, "s", 4)
    await Retention(entries=3, days=1).apply(journal, clock)
    assert [entry.kind for entry in await journal.entries("s")] == ["note", "note", "note"]
    await journal.record_exchange("s", call("b", is_finished=False))
    clock.advance(4000)
    await Retention(entries=3, days=1).apply(journal, clock)
    assert [entry.state for entry in await journal.entries("s")][-1] == "failed"
    clock.advance(2 * 24 * 3600)
    await Retention(entries=3, days=1).apply(journal, clock)
    assert await journal.entries("s") == []


async def test_a_call_that_ends_takes_the_place_of_its_beginning(journal: Journal) -> None:
    begun = await journal.record_exchange("s", call("a", is_finished=False))
    later = await journal.append("s", "note", {"text": "between"})
    await journal.record_exchange("s", call("a"))
    assert [(entry.number, entry.state) for entry in await journal.entries("s")] == [
        (begun.number, "ok"),
        (later.number, "ok"),
    ]
    assert await journal.last_number() > later.number
    changes = await journal.reader.changes(EntryFilter(session_id="s", state="running"), later.number, 10)
    assert [entry.number for entry in changes] == [begun.number]
    assert await journal.reader.changes(EntryFilter(until=later.number), later.number, 10) == []


async def test_entries_are_filtered_and_paged(journal: Journal) -> None:
    for number in range(5):
        await journal.record_exchange(
            "s", call(f"c{number}", method="GET" if number % 2 else "POST", status=200 + number)
        )
    await journal.record_exchange(
        "s", call("bad", status=404, body='{"message": "Kein Ärger"}', path="/v1/threads/thread_a/runs/run_b")
    )
    await journal.record_event("", "thread.run.failed", {"object": "thread.run"}, thread_id="thread_a", run_id="run_b")
    reader = journal.reader

    async def found(**wanted: str) -> list[int]:
        return [entry.number for entry in await reader.newest(EntryFilter(**wanted), 10)]  # type: ignore[arg-type]  # words

    assert len(await found()) == 7
    assert len(await found(session_id="s")) == 6
    assert await found(kind="read") == [2, 4]
    assert await found(state="failed") == [6, 7]
    assert await found(thread_id="thread_a") == await found(run_id="run_b") == [6, 7]
    assert await found(text="ÄRGER") in ([6], [])  # SQLite knows capitals of ASCII only.
    assert await found(text='"MESSAGE" kein') == [6]
    assert await found(text="100%") == []
    assert [entry.number for entry in await reader.newest(EntryFilter(), 2, before=5)] == [3, 4]
    assert await reader.count_new(EntryFilter(session_id="s"), after=3) == 3
    assert await found(principal="stranger") == []
    assert (await reader.entry(6, "local")).detail is not None
    assert (await reader.newest(EntryFilter(kind="change"), 1))[0].detail is None
    assert [entry.number async for entry in reader.export(EntryFilter(state="failed"))] == [6, 7]
    with pytest.raises(NotFound):
        await reader.entry(6, "stranger")


async def test_runs_are_found_by_their_end(journal: Journal) -> None:
    for run_id, end in (("run_1", "completed"), ("run_2", "failed"), ("run_3", "in_progress")):
        for name in ("created", end):
            await journal.record_event("s", f"thread.run.{name}", {"status": name}, thread_id="t", run_id=run_id)
    reader = journal.reader

    async def found(**wanted: str) -> list[str]:
        return [run for run, _ in await reader.run_ids(EntryFilter(**wanted), 10)]  # type: ignore[arg-type]  # words

    assert await found() == ["run_1", "run_2", "run_3"]
    assert await found(state="ok") == ["run_1"]
    assert await found(state="failed") == ["run_2"]
    assert await found(state="running") == ["run_3"]
    assert await found(text="failed") == ["run_2"]
    assert await reader.run_ids(EntryFilter(), 1, before=5) == [("run_2", 3)]
    assert await reader.changed_run_ids(EntryFilter(), 4, 10) == [("run_3", 5)]
    assert await reader.changed_run_ids(EntryFilter(until=4), 2, 10) == [("run_2", 3)]
    assert [len(events) for events in (await reader.events_of_runs(["run_1", "run_2"])).values()] == [2, 2]

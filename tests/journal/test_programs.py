from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from app.journal.programs import ProgramJournal
from tests.journal.calls import call

if TYPE_CHECKING:
    from app.clock import FakeClock
    from app.database import Database
    from app.journal.journal import Journal


@pytest.fixture
def programs(journal: Journal, clock: FakeClock) -> ProgramJournal:
    return ProgramJournal(journal, clock, long_seconds=0)


async def test_calls_and_events_are_written_together_in_order(programs: ProgramJournal, journal: Journal) -> None:
    programs.take_exchange(call("a"), "key:1")
    programs.take_event("thread.run.created", '{"api_key": "hush"}', "key:1", "thread_1", "run_1")
    programs.take_exchange(call("b", status=500), "key:2")
    assert await journal.entries("") == []
    await programs.flush()
    entries = await journal.entries("")
    assert [(entry.kind, entry.principal, entry.state) for entry in entries] == [
        ("exchange", "key:1", "ok"),
        ("run_event", "key:1", "ok"),
        ("exchange", "key:2", "failed"),
    ]
    assert entries[1].detail == '{"api_key": "[redacted]"}'


def begin(programs: ProgramJournal, call_id: str) -> None:
    programs.take_beginning(call_id, lambda: call(call_id, is_finished=False), "")


async def test_a_stream_is_one_entry_whenever_its_end_comes(programs: ProgramJournal, journal: Journal) -> None:
    begin(programs, "quick")
    programs.take_exchange(call("quick"), "")
    begin(programs, "slow")
    await programs.flush()
    assert [entry.state for entry in await journal.entries("")] == ["ok", "running"]
    programs.take_exchange(call("slow"), "")
    await programs.flush()
    assert [entry.state for entry in await journal.entries("")] == ["ok", "ok"]


async def test_an_end_that_comes_while_its_beginning_is_written_finds_it(
    programs: ProgramJournal, journal: Journal
) -> None:
    begin(programs, "a")
    writing = asyncio.create_task(programs.flush())
    await asyncio.sleep(0)
    programs.take_exchange(call("a"), "")
    await writing
    await programs.flush()
    assert [entry.state for entry in await journal.entries("")] == ["ok"]


async def test_a_short_stream_is_written_only_when_it_has_ended(journal: Journal, clock: FakeClock) -> None:
    programs = ProgramJournal(journal, clock, long_seconds=60)
    begin(programs, "a")
    await programs.flush()
    assert await journal.entries("") == []


async def test_a_long_stream_is_written_while_it_goes_on(journal: Journal, clock: FakeClock) -> None:
    programs = ProgramJournal(journal, clock, long_seconds=0.1)
    working = asyncio.create_task(programs.work())
    begin(programs, "a")
    async with asyncio.timeout(10):
        while not await journal.entries(""):
            await asyncio.sleep(0.05)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert [entry.state for entry in await journal.entries("")] == ["running"]


async def test_what_comes_too_fast_is_left_out_and_counted(programs: ProgramJournal, journal: Journal) -> None:
    for number in range(2_010):
        programs.take_exchange(call(str(number)), "")
    await programs.flush()
    entries = await journal.entries("", limit=3_000)
    assert len(entries) == 2_001
    assert entries[0].data == {"text": "10 entries of programs came too fast and were left out."}


async def test_the_rest_is_written_at_the_end_and_a_failure_ends_nothing(
    programs: ProgramJournal, journal: Journal, database: Database
) -> None:
    working = asyncio.create_task(programs.work())
    programs.take_exchange(call("a"), "")
    await asyncio.sleep(0)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert len(await journal.entries("")) == 1

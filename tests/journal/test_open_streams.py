"""Streams that go on, read before their end is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.journal.journal import Journal
from app.journal.open_streams import OpenStreams
from app.journal.programs import ProgramJournal
from tests.journal.calls import call

if TYPE_CHECKING:
    from app.clock import FakeClock
    from app.database import Database
    from app.journal.entry import Entry
    from app.journal.exchange import Exchange


def begun(call_id: str, pieces: list[str]) -> Exchange:
    """Return a stream that has begun; what came of it by now is in `pieces`."""
    start = call(call_id, answer=None, is_finished=False)
    return replace(start, so_far=lambda: call(call_id, answer="".join(pieces), is_finished=False))


def body(entry: Entry) -> bool:
    return "Hello" in (entry.detail or "")


async def test_a_stream_of_the_page_is_read_while_it_goes_on(
    journal: Journal, database: Database, clock: FakeClock
) -> None:
    pieces: list[str] = []
    number = (await journal.record_exchange("s", begun("a", pieces))).number
    assert not body(await journal.entry(number))
    pieces.append("Hello")
    assert body(await journal.entry(number))
    assert not body(await Journal(database, clock).entry(number)), "Another process knows only what is written."
    await journal.record_exchange("s", call("a", answer="The end"))
    assert not body(await journal.entry(number))
    assert (await journal.entry(number)).state == "ok"


async def test_a_stream_of_a_program_is_read_while_it_goes_on(journal: Journal, clock: FakeClock) -> None:
    programs, pieces = ProgramJournal(journal, clock, long_seconds=0), ["Hello"]
    programs.take_beginning("a", lambda: begun("a", pieces), "key:1")
    await programs.flush()
    (entry,) = await journal.entries("")
    assert body(await journal.entry(entry.number, "key:1"))
    programs.take_exchange(call("a", answer="Hello, the end"), "key:1")
    assert (await journal.entry(entry.number)).state == "running", "What came stays there until all of it is written."
    assert body(await journal.entry(entry.number))
    await programs.flush()
    assert journal.open_streams.so_far(replace(entry, state="running")) is None


async def test_only_the_newest_streams_are_known(journal: Journal) -> None:
    streams = OpenStreams()
    entry = await journal.record_exchange("s", call("0", is_finished=False))
    for number in range(201):
        streams.begin(str(number), begun(str(number), []).so_far)
    assert streams.so_far(entry) is None
    assert streams.so_far(replace(entry, data={"id": "1"})) is not None

"""The page's event stream: snapshots of the chat, log rows exactly once, resumable after a number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.playground.facts import SandboxFacts, ServerFacts, WeightsFacts
from tests.doubles.models import says
from tests.live import serve
from tests.playground.visitor import Visitor

if TYPE_CHECKING:
    from tests.playground.conftest import House


def test_the_first_event_is_a_snapshot_of_the_conversation(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("Hello yourself.")]
    visitor.start()
    visitor.run("Hello")
    with visitor.events() as events:
        first = next(events)
    assert 'hx-target="#conversation" hx-swap="innerMorph"' in first["data"]
    assert "Hello yourself." in first["data"]
    assert first["id"].isdecimal()


def test_a_stream_tells_of_log_entries_after_its_number(visitor: Visitor, house: House) -> None:
    visitor.start()
    with visitor.events() as events:
        told = next(event for event in events if event.get("event") == "logs")
    with visitor.events(last_event_id=told["id"]) as events:
        assert "event" not in next(events)
        visitor.send("messages", content="Hello", action="add")
        later = next(event for event in events if event.get("event") == "logs")
    assert int(later["id"]) > int(told["id"])


def test_a_run_streams_snapshots_and_is_announced(visitor: Visitor, house: House) -> None:
    house.model.turns = [[part for event in says("one two three four") for part in (0.5, event)]]
    visitor.start()
    with visitor.events() as events:
        next(events)
        visitor.send("messages", content="Count.", action="run")
        seen: list[dict[str, str]] = []
        for event in events:
            seen.append(event)
            if event.get("data") == "The response is finished":
                break
    texts = [event["data"] for event in seen]
    assert "The assistant is responding" in texts
    assert any("one two" in text and "one two three four" not in text for text in texts)
    assert any('aria-busy="true"' in text for text in texts)
    assert any("one two three four" in text and 'data-state="done"' in text for text in texts)


def test_weights_on_their_way_update_by_themselves(visitor: Visitor, house: House) -> None:
    house.facts = ServerFacts(SandboxFacts("namespaces"), WeightsFacts("fetching", 10**8, 10**9), "small")
    visitor.open()
    assert "100 of 1,000 MB" in visitor.text("model-notice")
    with visitor.events() as all_events:
        events = (event for event in all_events if "event" not in event)
        next(events)
        house.facts = replace(house.facts, weights=WeightsFacts("fetching", 5 * 10**8, 10**9))
        assert "500 of 1,000 MB" in next(events)["data"]
        house.facts = replace(house.facts, weights=WeightsFacts("ready"))
        assert 'hx-target="#deployment-field"' in next(events)["data"]


def test_where_code_runs_is_told_once_it_was_tried(visitor: Visitor, house: House) -> None:
    house.facts = replace(house.facts, sandbox=SandboxFacts(None, "It has not been tried yet.", is_tried=False))
    visitor.open()
    assert "is being tried" in visitor.text("sandbox-hint")
    with visitor.events() as all_events:
        events = (event for event in all_events if "event" not in event)
        next(events)
        house.facts = replace(house.facts, sandbox=SandboxFacts("landlock"))
        told = next(events)["data"]
        assert 'hx-target="#sandbox-hint"' in told
        assert "shut off from the network" in told


def test_a_stream_opens_after_a_restart(house: House, visitor: Visitor) -> None:
    house.model.turns = [says("Still here.")]
    visitor.start()
    visitor.run("Hello")
    with serve(house.build()) as url, Visitor(url) as later:
        later.chat = visitor.chat
        with later.events() as events:
            snapshot = next(events)["data"]
    assert "Still here." in snapshot
    assert "Math Assist" in snapshot

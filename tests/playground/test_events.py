"""The page's event stream: snapshots of the chat, log rows exactly once, resumable after a number."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from app.playground.facts import SandboxFacts, ServerFacts, WeightsFacts
from tests.doubles.models import says
from tests.live import serve
from tests.playground.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.playground.conftest import House


def row_ids(events: Iterable[dict[str, str]]) -> list[str]:
    """Return the ids of the log rows that the events append."""
    html = "".join(event.get("data", "") for event in events)
    appended = re.findall(r'hx-target="#log-rows".*?id="(log-\w+)"', html, re.DOTALL)
    return [str(row_id) for row_id in appended]


def test_the_first_event_is_a_snapshot_of_the_conversation(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("Hello yourself.")]
    visitor.start()
    visitor.run("Hello")
    with visitor.events() as events:
        first = next(events)
    assert 'hx-target="#conversation" hx-swap="innerMorph"' in first["data"]
    assert "Hello yourself." in first["data"]
    assert first["id"].isdecimal()


def test_a_stream_resumes_after_its_number_with_each_row_once(visitor: Visitor, house: House) -> None:
    visitor.start()
    with visitor.events() as events:
        first = next(events)
    house.model.turns = [says("Hello yourself.")]
    visitor.run("Hello")
    with visitor.events(last_event_id=first["id"]) as events:
        second = next(events)
    visitor.open()
    shown = visitor.attributes("//ol[@id='log-rows']/li/@id")
    rows = row_ids([first]) + row_ids([second])
    assert len(rows) == len(set(rows))
    assert rows == shown[: len(rows)]


def test_a_run_streams_snapshots_and_is_announced(visitor: Visitor, house: House) -> None:
    house.model.turns = [[part for event in says("one two three four") for part in (0.15, event)]]
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
    with visitor.events() as events:
        next(events)
        house.facts = replace(house.facts, weights=WeightsFacts("fetching", 5 * 10**8, 10**9))
        assert "500 of 1,000 MB" in next(events)["data"]
        house.facts = replace(house.facts, weights=WeightsFacts("ready"))
        assert 'hx-target="#deployment-field"' in next(events)["data"]


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

"""The lock doctor: which run locks the thread, and what ends it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.connections.types import Run
from app.playground.chat.conversation import Conversation
from app.playground.chat.lock import lock_view
from tests.doubles.models import calls, says
from tests.playground.function_visits import (
    WEATHER,
    ask,
    call_ids,
    offer_functions,
    run_id,
    submit,
    thread_id,
    wait_for,
)

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor


def begin_elsewhere(visitor: Visitor, assistant: str) -> str:
    """Let another program begin a run on the page's thread."""
    visitor.open()
    run = visitor.client.post(f"/v1/threads/{thread_id(visitor)}/runs", json={"assistant_id": assistant})
    return str(run.json()["id"])


def test_a_refused_message_names_the_run_of_another_program(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER), says("For both.")]
    assistant = offer_functions(visitor, "get_weather")
    run = begin_elsewhere(visitor, assistant)
    refused = visitor.send("messages", content="Me too.", action="run")
    assert refused.status_code == 422
    assert run in refused.text
    assert "cancel it, or fork the thread: the note above the message box" in refused.text
    wait_for(visitor, "requires_action")
    assert "A run of another program locks this thread" in visitor.text("lock-alarm")
    assert visitor.text("run-state") == ""
    words = [chip.text_content() for chip in visitor.page.find_class("chip")]
    assert {"Waits for outputs", "Requires action"} & set(words) == {"Waits for outputs"}
    assert visitor.attributes("//*[@id='lock-alarm']//@data-copy") == [run]
    assert visitor.attributes("//*[@id='lock-alarm']//a/@href") == [f"#outputs-{run}"]
    offers = visitor.attributes("//*[@id='lock-alarm']//button/@hx-post")
    assert [offer.rpartition("/")[2] for offer in offers] == ["stop", "fork"]
    assert visitor.send("fork").is_success
    assert submit(visitor, {call_ids(visitor)[0]: "sun"}) == 204
    visitor.wait_until_idle()
    assert visitor.all("message-body") == ["For both."]
    assert visitor.text("run-state") == visitor.text("lock-alarm") == ""


def test_an_open_page_notices_the_run_of_another_program(visitor: Visitor, house: House) -> None:
    house.model.turns = [[*says("One two")[:1], 30.0]]
    assistant = offer_functions(visitor)
    visitor.open()
    with visitor.events() as events:
        next(events)
        run = begin_elsewhere(visitor, assistant)
        frames = (event["data"] for event in events if "data" in event)
        assert any(run in frame and "A run of another program" in frame for frame in frames)
    assert visitor.send("stop").status_code == 204
    visitor.wait_until_idle()


def test_a_refused_retry_says_what_to_do_and_the_page_finds_the_run_at_once(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("One."), [*says("One two")[:1], 30.0]]
    assistant = offer_functions(visitor)
    visitor.run("Hello")
    visitor.open()
    with visitor.events() as events:
        next(events)
        run = begin_elsewhere(visitor, assistant)
        refused = visitor.send("retry")
        assert refused.status_code == 400
        assert refused.headers["HX-Retarget"] == "#toasts"
        assert "already has an active run" in refused.text
        assert "cancel it, or fork the thread: the note above the message box" in refused.text
        frames = (event["data"] for event in events if "data" in event)
        assert any(run in frame and "A run of another program" in frame for frame in frames)
    assert visitor.send("stop").status_code == 204
    visitor.wait_until_idle()


def test_the_look_for_other_programs_is_not_logged(visitor: Visitor) -> None:
    visitor.start()
    visitor.open()
    with visitor.events() as events:
        frame = next(events)
    assert "runs?limit=1" not in json.dumps(frame)


def test_the_pages_own_run_is_named_calmly(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER)]
    offer_functions(visitor, "get_weather")
    ask(visitor)
    assert visitor.text("run-state").startswith("Until then the thread is locked")
    assert visitor.text("lock-alarm") == ""
    assert "waits for the output of get_weather" in visitor.all("outputs-state")[0]
    assert visitor.attributes("//*[@id='run-state']/details/@open") == []
    assert visitor.attributes("//*[@id='run-state']//@data-copy") == [run_id(visitor)]
    visitor.send("stop")


def run(status: str, **fields: object) -> Run:
    values = {"id": "run_1", "created_at": 1, "thread_id": "thread_1", "assistant_id": "asst_1", "expires_at": 1}
    return Run.construct(None, status=status, usage=None, **values, **fields)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("queued", "still not started"),
        ("in_progress", "worked for a while"),
        ("cancelling", "Cancelling again has no effect"),
        ("requires_action", "It goes on when you submit"),
    ],
)
def test_a_run_that_takes_long_is_told_apart(status: str, words: str) -> None:
    conversation = Conversation()
    conversation.own_runs.add("run_1")
    conversation.set_run(run(status, required_action=None))
    before = lock_view(conversation)
    assert before is not None
    assert not before.is_alarming
    conversation.lock.since = 0
    after = lock_view(conversation)
    assert after is not None
    assert after.is_alarming
    assert words in after.text
    assert ("It expires at" in after.text) is (status != "requires_action")
    assert after.can_cancel is (status != "cancelling")


def test_a_free_thread_has_no_lock() -> None:
    assert lock_view(Conversation()) is None


def test_a_run_that_ended_meanwhile_can_not_be_cancelled_and_the_page_sees_it(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER), says("Done elsewhere.")]
    offer_functions(visitor, "get_weather")
    ask(visitor)
    url = f"/v1/threads/{thread_id(visitor)}/runs/{run_id(visitor)}/submit_tool_outputs"
    outputs = [{"tool_call_id": call_ids(visitor)[0], "output": "sun"}]
    assert visitor.client.post(url, json={"tool_outputs": outputs, "stream": True}).is_success
    late = visitor.send("stop")
    assert late.status_code == 400
    assert "Cannot cancel run with status" in late.text
    visitor.open()
    assert visitor.all("message-body")[-1] == "Done elsewhere."

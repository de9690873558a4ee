"""Saved mock outputs: kept, edited, ordered, filled in, submitted without being asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.doubles.models import calls, says
from tests.playground.function_visits import (
    STOCK,
    WEATHER,
    ask,
    at_home,
    call_ids,
    offer_functions,
    run_id,
    submit,
    thread_id,
    typed,
    wait_for,
)

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor


def keep(visitor: Visitor, function: str, output: str, conditions: str = "") -> list[str]:
    """Save a mock; return the ids of the function's mocks in order."""
    saved = visitor.send("mocks/save", function=function, output=output, conditions=conditions)
    assert saved.is_success
    return re.findall(r'id="(mock_[\w-]+)"', saved.text)


def listed(visitor: Visitor, function: str, call_id: str = "") -> str:
    return visitor.client.get(f"{visitor.chat}/mocks", params={"function": function, "call_id": call_id}).text


def test_a_given_output_is_kept_with_conditions_from_its_call(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER), says("Sunny.")]
    offer_functions(visitor, "get_weather")
    ask(visitor)
    call = call_ids(visitor)[0]
    edited = visitor.send("mocks/edit", function="get_weather", call_id=call, **{call: "typed so far"})
    assert "typed so far" in edited.text
    assert submit(visitor, {call: "sun"}) == 204
    visitor.wait_until_idle()
    editor = visitor.send("mocks/edit", function="get_weather", call_id=call).text
    assert "location = &#34;Paris&#34;\ndays = 2" in editor
    assert "sun</textarea>" in editor
    assert keep(visitor, "get_weather", "sun", 'location = "Paris"')
    assert "location = &#34;Paris&#34;" in listed(visitor, "get_weather", call)
    assert "Fits this call" in listed(visitor, "get_weather", call)
    assert "Use</button>" not in listed(visitor, "get_weather", call)


def test_a_fitting_mock_is_filled_in_and_marks_the_answer(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER), says("Rain."), calls(("get_weather", '{"location": "Bern"}')), says("Typed.")]
    offer_functions(visitor, "get_weather")
    keep(visitor, "get_weather", "anywhere")
    keep(visitor, "get_weather", '{"sky": "rain"}', "location = Paris")
    ask(visitor)
    call = call_ids(visitor)[0]
    assert typed(visitor, call) == '{"sky": "rain"}'
    assert "JSON, from a mock" in visitor.all("output-hint")[0]
    assert submit(visitor, {call: '{"sky": "rain"}'}) == 204
    visitor.wait_until_idle()
    assert visitor.all("mocked") == ["Mocked"] * 2
    assert "Mocked" in visitor.all("message-author")[-1]
    ask(visitor, "And in Bern?")
    assert submit(visitor, {call_ids(visitor)[0]: "what I typed"}) == 204
    visitor.wait_until_idle()
    assert len(visitor.all("mocked")) == 2


def test_automatic_mocks_answer_while_no_page_is_open(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER, STOCK), calls(STOCK), says("All by mocks.")]
    offer_functions(visitor, "get_weather", "get_stock")
    for function in ("get_weather", "get_stock"):
        keep(visitor, function, f"mock of {function}")
        visitor.send("mocks/automatic", function=function, is_automatic="on")
    visitor.send("messages", content="Go.", action="run")
    wait_for(visitor, "none")
    assert visitor.all("message-body")[-1] == "All by mocks."
    assert len(visitor.all("function-call")) == 3
    assert "Mocked" in visitor.all("message-author")[-1]


def test_nothing_is_automatic_unless_every_call_has_a_mock(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER, STOCK)]
    offer_functions(visitor, "get_weather", "get_stock")
    keep(visitor, "get_weather", "mock")
    visitor.send("mocks/automatic", function="get_weather", is_automatic="on")
    ask(visitor)
    weather, stock = call_ids(visitor)
    assert typed(visitor, weather) == "mock"
    assert not typed(visitor, stock)
    visitor.send("stop")


def test_runs_of_other_programs_are_not_answered_by_mocks(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER)]
    assistant = offer_functions(visitor, "get_weather")
    keep(visitor, "get_weather", "mock")
    visitor.send("mocks/automatic", function="get_weather", is_automatic="on")
    visitor.open()
    visitor.client.post(f"/v1/threads/{thread_id(visitor)}/runs", json={"assistant_id": assistant})
    wait_for(visitor, "requires_action")
    assert typed(visitor, call_ids(visitor)[0]) == "mock"
    visitor.send("stop")


def test_a_restarted_server_answers_by_mocks_too(house: House) -> None:
    house.model.turns = [calls(WEATHER), says("By a mock.")]
    with at_home(house) as first:
        offer_functions(first, "get_weather")
        ask(first)
        keep(first, "get_weather", "mock")
        first.send("mocks/automatic", function="get_weather", is_automatic="on")
        chat = first.chat
    with at_home(house, chat) as second:
        second.wait_until_idle()
        assert second.all("message-body")[-1] == "By a mock."


def test_mocks_that_the_service_refuses_leave_the_form(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER)]
    offer_functions(visitor, "get_weather")
    keep(visitor, "get_weather", "mock")
    visitor.send("mocks/automatic", function="get_weather", is_automatic="on")
    house.flaky.refusals["/submit_tool_outputs"] = 429
    ask(visitor)
    assert typed(visitor, call_ids(visitor)[0]) == "mock"
    visitor.send("stop")


def test_a_mock_is_put_into_the_field_on_request(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER)]
    offer_functions(visitor, "get_weather")
    ask(visitor)
    call = call_ids(visitor)[0]
    mock = keep(visitor, "get_weather", "rain", "location = London")[0]
    assert "Use</button>" in listed(visitor, "get_weather", call)
    used = visitor.send("mocks/use", mock_id=mock, call_id=call)
    assert f'hx-target="#field-{call}"' in used.text
    visitor.open()
    assert typed(visitor, call) == "rain"
    assert run_id(visitor)
    visitor.send("stop")


def test_mocks_are_edited_ordered_and_deleted(visitor: Visitor) -> None:
    first, second = [keep(visitor, "f", output)[-1] for output in ("one", "two")]
    moved = visitor.send("mocks/move", function="f", mock_id=second, direction="up")
    assert moved.text.index(second) < moved.text.index(first)
    assert "one</textarea>" in visitor.send("mocks/edit", function="f", mock_id=first).text
    changed = visitor.send("mocks/save", function="f", mock_id=first, output="three", conditions="a = 1")
    assert "three" in changed.text
    assert "one" not in changed.text.split("mock-list")[1]
    assert first not in visitor.send("mocks/delete", function="f", mock_id=first).text
    assert visitor.send("mocks/edit", function="f", mock_id=first).status_code == 404


def test_a_condition_that_can_not_be_read_is_refused_at_its_field(visitor: Visitor) -> None:
    refused = visitor.send("mocks/save", function="f", output="kept", conditions="Paris")
    assert refused.status_code == 422
    assert "Line 1 is no condition." in refused.text
    assert "kept</textarea>" in refused.text
    assert "No mock is saved yet." in listed(visitor, "f", "call_gone")

"""Function calls: what the page shows, takes, keeps and submits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.engine.models.port import ToolMessage
from tests.doubles.models import calls, says
from tests.playground.function_visits import (
    STOCK,
    WEATHER,
    ask,
    at_home,
    call_ids,
    expire,
    offer_functions,
    run_id,
    submit,
    thread_id,
    typed,
)

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor


def test_two_calls_are_shown_and_answered_together(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER, STOCK), says("Sunny and up.")]
    offer_functions(visitor, "get_weather", "get_stock")
    ask(visitor)
    assert visitor.all("call-name") == ["get_weather", "get_stock"]
    assert '"location": "Paris"' in visitor.all("code-view")[0]
    assert "waits for the output of get_weather and get_stock" in visitor.all("outputs-state")[0]
    assert visitor.attributes("//time[@role='timer']/@data-until")
    weather, stock = call_ids(visitor)
    assert submit(visitor, {weather: '{"sky":"clear"}', stock: "up"}) == 204
    visitor.wait_until_idle()
    assert visitor.all("message-body") == ["How is it?", "Sunny and up."]
    assert '"sky": "clear"' in visitor.text("conversation")
    assert visitor.all("outputs") == visitor.all("output-field") == visitor.all("mocked") == []
    said = [message.text for message in house.model.requests[-1].messages if isinstance(message, ToolMessage)]
    assert said == ['{"sky":"clear"}', "up"]


def test_a_missing_output_is_refused_at_its_field(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER, STOCK), says("Well.")]
    offer_functions(visitor, "get_weather", "get_stock")
    ask(visitor)
    weather, stock = call_ids(visitor)
    refused = visitor.send(f"runs/{run_id(visitor)}/outputs", **{weather: "sun", stock: ""})
    assert refused.status_code == 422
    assert f'hx-target="#reason-{stock}"' in refused.text
    assert refused.text.count("Write an output, or tick Submit it empty.") == 1
    assert submit(visitor, {weather: "sun", stock: ""}, empty=stock) == 204
    visitor.wait_until_idle()
    assert visitor.all("message-body")[-1] == "Well."


def test_typed_text_survives_reload_and_restart(house: House) -> None:
    house.model.turns = [calls(WEATHER), says("Fine.")]
    with at_home(house) as first:
        offer_functions(first, "get_weather")
        ask(first)
        call = call_ids(first)[0]
        hint = first.send(f"calls/{call}/text", **{call: '{"sky": '})
        assert "Plain text, no JSON (line 1, column 9)" in hint.text
        first.open()
        assert typed(first, call) == '{"sky": '
        chat = first.chat
    with at_home(house, chat) as second:
        second.open()
        assert typed(second, call) == '{"sky": '
        assert submit(second, {call: '{"sky": 1}'}) == 204
        second.wait_until_idle()
        assert second.all("message-body")[-1] == "Fine."


def test_the_form_works_before_a_restarted_server_has_shown_the_page(house: House) -> None:
    house.model.turns = [calls(WEATHER), says("Fine.")]
    with at_home(house) as first:
        offer_functions(first, "get_weather")
        ask(first)
        call, run, chat = call_ids(first)[0], run_id(first), first.chat
    with at_home(house, chat) as second:
        assert second.send(f"runs/{run}/outputs", **{call: "sun"}).status_code == 204
        second.wait_until_idle()


def test_json_is_formatted_on_request(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER)]
    offer_functions(visitor, "get_weather")
    ask(visitor)
    call = call_ids(visitor)[0]
    field = visitor.send(f"calls/{call}/format", **{call: '{"a":1}'})
    assert "{\n  &#34;a&#34;: 1\n}" in field.text
    assert visitor.send("calls/call_none/text", call_none="x").status_code == 404
    visitor.send("stop")
    visitor.wait_until_idle()
    assert visitor.send(f"calls/{call}/text", **{call: "too late"}).is_success
    visitor.open()
    assert "too late" not in visitor.all("function-call")[0]


def test_outputs_that_another_program_submitted_first_are_explained(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER), says("From the program.")]
    offer_functions(visitor, "get_weather")
    ask(visitor)
    call, run, thread = call_ids(visitor)[0], run_id(visitor), thread_id(visitor)
    outputs = {"tool_outputs": [{"tool_call_id": call, "output": "rain"}]}
    url = f"/v1/threads/{thread}/runs/{run}/submit_tool_outputs"
    assert visitor.client.post(url, json=outputs).is_success
    late = visitor.send(f"runs/{run}/outputs", **{call: "sun"})
    assert late.status_code == 400
    assert "no longer waits for outputs" in late.text
    visitor.wait_until_idle()
    assert "rain" in visitor.text("conversation")


def test_an_expired_run_keeps_what_was_typed(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER)]
    offer_functions(visitor, "get_weather")
    ask(visitor)
    call, run = call_ids(visitor)[0], run_id(visitor)
    expire(visitor, house, run)
    late = visitor.send(f"runs/{run}/outputs", **{call: "sun"})
    assert "expired before its outputs arrived" in late.text
    visitor.open()
    assert "The run expired" in visitor.text("conversation")
    assert "Typed, but not submitted sun" in visitor.all("function-call")[0]


def test_a_refusal_of_the_service_stands_at_the_form(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER), says("Later.")]
    offer_functions(visitor, "get_weather")
    ask(visitor)
    call = call_ids(visitor)[0]
    house.flaky.refusals["/submit_tool_outputs"] = 429
    refused = visitor.send(f"runs/{run_id(visitor)}/outputs", **{call: "sun"})
    assert refused.status_code == 422
    assert "Refused with 429" in refused.text
    house.flaky.refusals.clear()
    visitor.open()
    assert typed(visitor, call) == "sun"
    assert submit(visitor, {call: "sun"}) == 204
    visitor.wait_until_idle()


def test_a_stopped_run_leaves_its_call_unanswered(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(WEATHER)]
    offer_functions(visitor, "get_weather")
    ask(visitor)
    assert visitor.send("stop").status_code == 204
    visitor.wait_until_idle()
    assert "Not answered" in visitor.all("function-call")[0]


def test_hostile_names_and_arguments_are_only_text(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(("f", json.dumps({"x": "<script>alert(1)</script>"})))]
    offer_functions(visitor, "f")
    ask(visitor)
    assert visitor.page.xpath("//section[@class='function-call']//script") == []
    visitor.send("stop")


def test_the_end_of_a_run_tells_its_tokens(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("Hello.")]
    visitor.start()
    visitor.run("Hello")
    assert visitor.all("run-end")[0].startswith("10 prompt + 5 completion tokens")

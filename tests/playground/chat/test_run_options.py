"""Run options: kept for the session, checked at their fields, sent with the next runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.playground.chat.run_option_fields import RefusedOptions, RunOptionFields, fields_of, read_options
from tests.doubles.models import says
from tests.playground.visitor import parsed

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor

SCHEMA = {"name": "answer", "schema": {"type": "object"}, "strict": True}
ALL = RunOptionFields(
    model="gpt",
    instructions="Be short.",
    additional_instructions="And kind.",
    temperature="0.5",
    top_p="1",
    max_prompt_tokens="300",
    max_completion_tokens="400",
    truncation="last_messages",
    last_messages="3",
    tool_choice="function:get_weather",
    parallel_tool_calls="off",
    response_format="json_schema",
    response_schema=json.dumps(SCHEMA),
    reasoning_effort="low",
    metadata="user: jane\n\nteam: a: b",
)


def test_all_fields_become_the_options_of_the_api_and_back() -> None:
    options = read_options(ALL)
    assert options["truncation_strategy"] == {"type": "last_messages", "last_messages": 3}
    assert options["tool_choice"] == {"type": "function", "function": {"name": "get_weather"}}
    assert options["response_format"] == {"type": "json_schema", "json_schema": SCHEMA}
    assert (options["temperature"], options["parallel_tool_calls"]) == (0.5, False)
    assert options["metadata"] == {"user": "jane", "team": "a: b"}
    assert read_options(fields_of(options)) == options
    assert len(options) == 13


def test_empty_fields_are_no_options() -> None:
    assert read_options(RunOptionFields()) == {}
    assert read_options(RunOptionFields(truncation="auto", tool_choice="file_search", response_format="text")) == {
        "truncation_strategy": {"type": "auto"},
        "tool_choice": {"type": "file_search"},
        "response_format": {"type": "text"},
    }


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"temperature": "3"}, "temperature", "can be 2 at most"),
        ({"top_p": "high"}, "top_p", "valid number"),
        ({"max_prompt_tokens": "5"}, "max_prompt_tokens", "256"),
        ({"truncation": "last_messages"}, "last_messages", "how many"),
        ({"truncation": "last_messages", "last_messages": "0"}, "last_messages", "must be 1 or more"),
        ({"tool_choice": "sometimes"}, "tool_choice", "auto"),
        ({"response_format": "json_schema", "response_schema": "{]"}, "response_schema", "line 1, column 2"),
        ({"response_format": "json_schema", "response_schema": "[" * 100_000}, "response_schema", "nested too deeply"),
        ({"response_format": "json_schema", "response_schema": "{}"}, "response_schema", "name"),
        ({"metadata": "no colon"}, "metadata", "no colon"),
        ({"metadata": "k: " + "v" * 600}, "metadata", "512"),
    ],
)
def test_what_the_api_would_refuse_is_said_at_its_field(fields: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(RefusedOptions) as refused:
        read_options(RunOptionFields(**fields))
    assert list(refused.value.reasons) == [field]
    assert reason in refused.value.reasons[field]


def test_options_are_kept_used_and_cleared(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("One."), says("Two.")]
    visitor.start()
    kept = visitor.send("run-options", temperature="0.25", metadata="user: jane")
    assert "2 run options" in kept.text
    visitor.run("Hello")
    assert "2 run options" in visitor.text("run-options")
    assert house.model.requests[0].temperature == 0.25
    form = parsed(visitor.client.get(f"{visitor.chat}/run-options").text)
    assert form.get_element_by_id("option-temperature").get("value") == "0.25"
    assert "Run options" in visitor.send("run-options/clear").text
    visitor.run("Again")
    assert house.model.requests[1].temperature == 1.0


def test_a_refused_form_keeps_what_was_typed(visitor: Visitor) -> None:
    visitor.start()
    refused = visitor.send("run-options", temperature="9", instructions="Keep me.", tool_choice="function:gone")
    form = parsed(refused.text)
    assert refused.status_code == 422
    assert form.get_element_by_id("option-temperature").get("aria-invalid") == "true"
    assert "2" in (form.get_element_by_id("option-temperature-error").text or "")
    assert (form.get_element_by_id("option-instructions").text or "").strip() == "Keep me."
    assert form.xpath("//option[@selected]/@value") == ["function:gone"]


def test_tools_and_deployments_are_offered_and_missing_ones_are_no_obstacle(visitor: Visitor, house: House) -> None:
    visitor.start()
    text = visitor.client.get(f"{visitor.chat}/run-options").text
    assert 'value="code_interpreter"' in text
    assert '<option value="scripted">' in text
    house.flaky.refusals["/models"] = 500
    assert visitor.client.get(f"{visitor.chat}/run-options").is_success

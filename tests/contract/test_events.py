"""Every event that a stream can carry, read by the SDK, whose types it must fit."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from openai import OpenAI
from openai.types.beta import AssistantStreamEvent
from pydantic import TypeAdapter

MODEL = "gpt-4-1106-preview"
TOOLS: Any = [
    {"type": "code_interpreter"},
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}},
]
OPENING = ["thread.created", "thread.run.created", "thread.run.queued", "thread.run.in_progress"]
STEP = ["thread.run.step.created", "thread.run.step.in_progress"]
MESSAGE = [*STEP, "thread.message.created", "thread.message.in_progress", "thread.message.delta"]
WORDS = "!slow 0.1\n!say " + "word " * 50

ENDS = {
    "!say Yes": [*MESSAGE, "thread.message.completed", "thread.run.step.completed", "thread.run.completed"],
    "!finish length\n!say Half": [
        *MESSAGE,
        "thread.message.incomplete",
        "thread.run.step.completed",
        "thread.run.incomplete",
    ],
    "!cut": [*MESSAGE, "thread.message.incomplete", "thread.run.step.failed", "thread.run.failed"],
    "!fail 500": ["thread.run.failed"],
    "!call get_weather": [*STEP, "thread.run.step.delta", "thread.run.requires_action"],
    WORDS: [
        *MESSAGE,
        "thread.run.cancelling",
        "thread.message.incomplete",
        "thread.run.step.cancelled",
        "thread.run.cancelled",
    ],
}
# Reached in the engine's tests, where the clock can be moved.
EXPIRED = {"thread.run.expired", "thread.run.step.expired"}
# Reached when a thread is deleted under its run; the SDK raises it.
RAISED = {"error"}


def stream(client: OpenAI, text: str) -> list[Any]:
    assistant = client.beta.assistants.create(model=MODEL, tools=TOOLS)
    events: list[Any] = []
    for event in client.beta.threads.create_and_run(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": text}]}, stream=True
    ):
        if text == WORDS and event.event == "thread.message.delta" and events[-1].event != event.event:
            run = next(told.data for told in events if told.event == "thread.run.created")
            client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
        events.append(event)
    return events


@pytest.mark.parametrize("text", ENDS)
def test_events_come_in_their_order_and_fit_the_sdks_types(client: OpenAI, text: str) -> None:
    events = stream(client, text)
    names = [event.event for event in events]
    folded = [name for name, before in zip(names, ["", *names], strict=False) if name != before]
    assert folded == [*OPENING, *ENDS[text]]
    for event in events:
        known: Any = TypeAdapter(AssistantStreamEvent).validate_python(event.to_dict(), strict=False)
        assert known.event == event.event


def test_no_event_is_left_untested() -> None:
    specified = {
        get_args(kind.model_fields["event"].annotation)[0] for kind in get_args(get_args(AssistantStreamEvent)[0])
    }
    reached = {name for names in ENDS.values() for name in names}
    assert {*OPENING, *reached, *EXPIRED, *RAISED} == specified

"""Every callback of the SDK's event handlers, synchronous and asynchronous, over real streams."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import openai
import pytest
from openai import AssistantEventHandler, AsyncAssistantEventHandler, AsyncOpenAI, OpenAI

MODEL = "gpt-4-1106-preview"
CODE: Any = [{"type": "code_interpreter"}]
FUNCTIONS: Any = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in ("get_weather", "get_time")
]
PLOT = "!code import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n!say Here it is"
ASK_BOTH = '!call get_weather {"city": "Paris"}\nget_time {"zone": "CET"}\n!say 18 degrees at noon'
CALLBACKS = frozenset(name for name in dir(AssistantEventHandler) if name.startswith("on_"))

DELTAS = frozenset(name for name in CALLBACKS if name.endswith("_delta"))
# The SDK says "tool call done" again at the end of every later step, and tells of an image when it meets the next part.
PLOT_HEARD = [
    "on_run_step_created",
    "on_tool_call_created",
    "on_tool_call_done",
    "on_run_step_done",
    "on_run_step_created",
    "on_message_created",
    "on_text_created",
    "on_image_file_done",
    "on_text_done",
    "on_message_done",
    "on_tool_call_done",
    "on_run_step_done",
    "on_tool_call_done",
    "on_end",
]


def listening(base: type[Any], record: Callable[[str], Any]) -> Any:
    """Make a handler class that notes the name of every callback, in order."""
    return type("Listener", (base,), {name: record(name) for name in CALLBACKS - {"on_event"}})()


def _noting(name: str) -> Any:
    def note(self: Any, *_given: object) -> None:
        vars(self).setdefault("heard", []).append(name)

    return note


def _noting_async(name: str) -> Any:
    async def note(self: Any, *_given: object) -> None:
        vars(self).setdefault("heard", []).append(name)

    return note


def listen() -> Any:
    return listening(AssistantEventHandler, _noting)


def assert_plot_heard(heard: list[str]) -> None:
    assert [name for name in heard if name not in DELTAS] == PLOT_HEARD
    assert set(heard) >= DELTAS


def question(text: str) -> Any:
    return {"messages": [{"role": "user", "content": text}]}


@pytest.fixture
async def async_client(server_url: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{server_url}/v1", api_key="any", max_retries=0) as client:
        yield client


def test_a_handler_hears_code_a_figure_and_the_answer(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL, tools=CODE)
    listener = listen()
    with client.beta.threads.create_and_run_stream(
        assistant_id=assistant.id, thread=question(PLOT), event_handler=listener
    ) as stream:
        stream.until_done()
        steps = stream.get_final_run_steps()
    assert_plot_heard(listener.heard)
    assert [step.type for step in steps] == ["tool_calls", "message_creation"]
    assert "plt.show()" in steps[0].model_dump_json()


async def test_an_asynchronous_handler_hears_the_same(async_client: AsyncOpenAI) -> None:
    assistant = await async_client.beta.assistants.create(model=MODEL, tools=CODE)
    listener = listening(AsyncAssistantEventHandler, _noting_async)
    async with async_client.beta.threads.create_and_run_stream(
        assistant_id=assistant.id, thread=question(PLOT), event_handler=listener
    ) as stream:
        run = await stream.get_final_run()
    assert_plot_heard(listener.heard)
    assert run.status == "completed"


def test_parallel_functions_are_asked_and_answered_over_streams(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL, tools=FUNCTIONS)
    with client.beta.threads.create_and_run_stream(assistant_id=assistant.id, thread=question(ASK_BOTH)) as stream:
        waiting = stream.get_final_run()
    assert waiting.required_action is not None
    calls = waiting.required_action.submit_tool_outputs.tool_calls
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("get_weather", '{"city": "Paris"}'),
        ("get_time", '{"zone": "CET"}'),
    ]
    with client.beta.threads.runs.submit_tool_outputs_stream(
        run_id=waiting.id,
        thread_id=waiting.thread_id,
        tool_outputs=[{"tool_call_id": call.id, "output": call.function.name} for call in calls],
    ) as stream:
        assert "".join(stream.text_deltas) == "18 degrees at noon"
    step = client.beta.threads.runs.steps.list(waiting.id, thread_id=waiting.thread_id, order="asc").data[0]
    assert step.step_details.type == "tool_calls"
    outputs = [call.function.output for call in step.step_details.tool_calls if call.type == "function"]
    assert outputs == ["get_weather", "get_time"]


async def test_the_asynchronous_polling_helpers_go_on_from_functions(async_client: AsyncOpenAI) -> None:
    assistant = await async_client.beta.assistants.create(model=MODEL, tools=FUNCTIONS)
    waiting = await async_client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=question(ASK_BOTH))
    assert waiting.required_action is not None
    outputs: Any = [
        {"tool_call_id": call.id, "output": "1"} for call in waiting.required_action.submit_tool_outputs.tool_calls
    ]
    with pytest.raises(openai.BadRequestError, match="Expected tool outputs for call_ids"):
        await async_client.beta.threads.runs.submit_tool_outputs(
            waiting.id, thread_id=waiting.thread_id, tool_outputs=outputs[:1]
        )
    run = await async_client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=waiting.id, thread_id=waiting.thread_id, tool_outputs=outputs
    )
    assert run.status == "completed"
    with pytest.raises(openai.BadRequestError, match='Runs in status "completed" do not accept'):
        await async_client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, tool_outputs=outputs)


def test_a_failed_run_ends_the_stream_without_an_exception(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL)
    listener = listen()
    with client.beta.threads.create_and_run_stream(
        assistant_id=assistant.id, thread=question("!fail 429"), event_handler=listener
    ) as stream:
        run = stream.get_final_run()
    assert run.last_error is not None
    assert run.last_error.code == "rate_limit_exceeded"
    assert listener.heard == ["on_end"]


def test_a_thread_that_is_deleted_raises_in_the_stream(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL)
    listener = listen()
    with (
        client.beta.threads.create_and_run_stream(
            assistant_id=assistant.id, thread=question("!slow 0.1\n!say " + "word " * 100), event_handler=listener
        ) as stream,
        pytest.raises(openai.APIError, match="was deleted while"),
    ):
        delete_thread_at_first_word(client, stream)
    assert listener.heard[-2:] == ["on_exception", "on_end"]


def delete_thread_at_first_word(client: OpenAI, stream: AssistantEventHandler) -> None:
    for event in stream:
        if event.event == "thread.message.delta":
            assert stream.current_run is not None
            client.beta.threads.delete(stream.current_run.thread_id)


def test_a_stream_that_is_too_slow_times_out_and_the_run_goes_on(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "!slow 0.5\n!say Slow"}])
    listener = listen()
    with (
        client.beta.threads.runs.stream(
            thread_id=thread.id, assistant_id=assistant.id, event_handler=listener, timeout=0.3
        ) as stream,
        pytest.raises(Exception, match="timed out"),
    ):
        stream.until_done()
    assert listener.heard[-3:] == ["on_timeout", "on_exception", "on_end"]
    deadline = time.monotonic() + 10
    while (run := client.beta.threads.runs.list(thread.id).data[0]).status != "completed":
        assert time.monotonic() < deadline, run
        time.sleep(0.1)


def test_no_callback_is_left_untested() -> None:
    heard = {*PLOT_HEARD, *DELTAS, "on_exception", "on_timeout", "on_event"}
    assert heard == CALLBACKS

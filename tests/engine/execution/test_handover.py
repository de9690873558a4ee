"""A server that stops queues its runs again; whoever takes them up goes on after the last whole turn."""

from __future__ import annotations

import json

import anyio

from app.engine import runs
from app.engine.engine import Engine
from app.engine.models.port import AssistantMessage, Finished, TextDelta, ToolCallDelta, ToolMessage, Usage
from app.engine.tools.code_interpreter.port import Logs
from app.wire.runs import Run
from app.wire.runs import Usage as RunUsage
from tests.doubles.interpreter import ScriptedInterpreter
from tests.doubles.models import ScriptedModel, Turn, calls, says
from tests.engine.conversations import (
    CODE,
    FUNCTION,
    begin,
    events_of,
    finished,
    messages_of,
    steps_of,
    submit,
    working,
)

SLOW: Turn = [TextDelta("Half "), 30.0, Finished("stop")]
PRINTS = ("python", json.dumps({"code": "print(6 * 7)"}))


async def until_said(engine: Engine, run: Run, text: str, position: int = 0) -> None:
    """Wait until the run's stream holds a text behind a position."""
    with anyio.fail_after(10):
        async for batch in engine.hub.stream(run.id).follow(position):
            if any(text in event.data for event in batch):
                return
    raise AssertionError(f"The stream ended without {text!r}.")


async def stopped(engine: Engine, run: Run) -> Run:
    """Return the run as the stopped server left it."""
    return await runs.get_run(engine, run.thread_id, run.id)


async def test_half_an_answer_is_taken_back_and_given_whole_after_the_restart(
    engine: Engine, model: ScriptedModel
) -> None:
    model.turns = [SLOW, says("Whole")]
    async with working(engine) as scope:
        run = await begin(engine)
        await until_said(engine, run, "Half")
        scope.cancel()
    assert (await stopped(engine, run)).status == "queued"
    assert [message.role for message in await messages_of(engine, run)] == ["user"]
    assert await steps_of(engine, run) == []
    async with working(engine):
        assert (await finished(engine, run)).status == "completed"
    assert [message.content[0]["text"]["value"] for message in await messages_of(engine, run)] == ["Hi", "Whole"]


async def test_the_stream_says_that_the_run_is_queued(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [SLOW]
    async with working(engine) as scope:
        run = await begin(engine)
        await until_said(engine, run, "Half")
        scope.cancel()
    engine.hub.close()
    name, body = (await events_of(engine, run))[-1]
    assert (name, body["status"]) == ("thread.run.queued", "queued")


async def test_whole_turns_are_kept_with_their_tokens_and_not_repeated(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    interpreter.cells = [[Logs("42\n")]]
    model.turns = [calls(PRINTS), SLOW, says("It is 42.")]
    async with working(engine) as scope:
        run = await begin(engine, tools=[CODE])
        await until_said(engine, run, "Half")
        scope.cancel()
    assert [step.type for step in await steps_of(engine, run)] == ["tool_calls"]
    async with working(engine):
        run = await finished(engine, run)
    assert interpreter.ran == ["print(6 * 7)"]
    asked, answered = model.requests[-1].messages[-2:]
    assert isinstance(asked, AssistantMessage)
    assert isinstance(answered, ToolMessage)
    assert "42" in answered.text
    assert [step.type for step in await steps_of(engine, run)] == ["tool_calls", "message_creation"]
    assert run.usage == RunUsage(prompt_tokens=20, completion_tokens=10, total_tokens=30)


async def test_a_turn_whose_tool_was_at_work_is_taken_once_more(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    interpreter.cells = [[Logs("begun"), 30.0], [Logs("42\n")]]
    name, arguments = PRINTS
    speaks: Turn = [
        TextDelta("Let me see."),
        ToolCallDelta(0, arguments, "up_0", name),
        Finished("tool_calls", Usage(10, 5)),
    ]
    model.turns = [speaks, speaks, says("It is 42.")]
    async with working(engine) as scope:
        run = await begin(engine, tools=[CODE])
        await until_said(engine, run, "begun")
        scope.cancel()
    assert [message.role for message in await messages_of(engine, run)] == ["user"]
    assert await steps_of(engine, run) == []
    async with working(engine):
        assert (await finished(engine, run)).status == "completed"
    said = [message.content[0]["text"]["value"] for message in await messages_of(engine, run)]
    assert said == ["Hi", "Let me see.", "It is 42."]


async def test_a_run_that_waits_for_functions_goes_on_waiting(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [calls(("get_weather", "{}")), says("Rain.")]
    async with working(engine):
        run = await finished(engine, await begin(engine, tools=[FUNCTION]))
    assert (await stopped(engine, run)).status == "requires_action"
    async with working(engine):
        await submit(engine, run, "rain")
        assert (await finished(engine, run)).status == "completed"


async def test_answered_functions_are_not_asked_again(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [calls(("get_weather", "{}")), SLOW, says("Rain.")]
    async with working(engine) as scope:
        run = await finished(engine, await begin(engine, tools=[FUNCTION]))
        position = len(engine.hub.stream(run.id))
        await submit(engine, run, "rain")
        await until_said(engine, run, "Half", position)
        scope.cancel()
    assert (await stopped(engine, run)).status == "queued"
    async with working(engine):
        assert (await finished(engine, run)).status == "completed"
    assert [step.type for step in await steps_of(engine, run)] == ["tool_calls", "message_creation"]


async def test_a_run_that_is_being_cancelled_ends(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [SLOW]
    async with working(engine) as scope:
        run = await begin(engine)
        await until_said(engine, run, "Half")
        await runs.cancel_run(engine, run.thread_id, run.id)
        scope.cancel()
    assert (await stopped(engine, run)).status == "cancelled"
    assert (await messages_of(engine, run))[-1].status == "incomplete"

"""What the prompt view of a run tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.clock import FakeClock
from app.engine import messages, prompts, runs, threads
from app.engine.engine import Engine
from app.engine.execution.prompt_record import MOST_CHARACTERS, PromptRecorder, unpack
from app.engine.models.chat_body import request_body
from app.engine.models.port import ChatRequest, TextPart, Usage, UserMessage
from app.engine.store import tables
from app.engine.tools.code_interpreter.port import Logs
from app.errors import NotFound, UpstreamFailed
from app.wire.messages import CreateMessage
from app.wire.prompts import Prompt
from app.wire.runs import CreateRun, Run, SubmitToolOutputs
from tests.doubles.interpreter import ScriptedInterpreter
from tests.doubles.models import ScriptedModel, calls, says
from tests.engine.conversations import CODE, FUNCTION, ask_again, begin, finished

pytestmark = pytest.mark.usefixtures("worker")


async def prompt_of(engine: Engine, run: Run) -> Prompt:
    return await prompts.get_prompt(engine, run.thread_id, run.id)


def sent(call: Any) -> list[dict[str, Any]]:
    """Return the messages as the provider received them."""
    ours = {"estimated_tokens", "was_shortened"}
    return [message.model_dump(exclude=ours, exclude_unset=True) for message in call.messages]


async def test_each_call_tells_exactly_what_its_request_held(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    model.turns = [calls(("python", json.dumps({"code": "1"}))), says("Done", usage=Usage(77, 5))]
    interpreter.cells = [[Logs("1\n")]]
    run = await finished(engine, await begin(engine, 'Hi \u2028 "x"', tools=[CODE], instructions="Be kind"))
    prompt = await prompt_of(engine, run)
    for call, request in zip(prompt.calls, model.requests, strict=True):
        body = request_body(request)
        assert sent(call) == body.pop("messages")
        assert call.settings == {name: value for name, value in body.items() if name != "stream_options"}
    first, second = prompt.calls
    assert (first.number, second.prompt_tokens, second.completion_tokens) == (1, 77, 5)
    assert first.estimated_tool_tokens > 0
    assert all(message.estimated_tokens > 0 for message in second.messages)
    assert (first.left_out, first.earlier_messages, first.is_cut) == ([], 0, False)


async def test_a_run_that_waited_for_functions_goes_on_with_its_next_call(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [calls(("get_weather", "{}")), says("Sunny")]
    run = await finished(engine, await begin(engine, tools=[FUNCTION]))
    (call,) = run.required_action["submit_tool_outputs"]["tool_calls"] if run.required_action else []
    outputs = SubmitToolOutputs.model_validate({"tool_outputs": [{"tool_call_id": call["id"], "output": "18"}]})
    await runs.submit_tool_outputs(engine, run.thread_id, run.id, outputs)
    await finished(engine, run)
    prompt = await prompt_of(engine, run)
    assert [sent(each) for each in prompt.calls] == [request_body(request)["messages"] for request in model.requests]
    assert prompt.calls[1].messages[-1].content == "18"


async def test_what_truncation_left_out_is_told(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [says("A" * 9_000), says("B"), says("C")]
    run = await finished(engine, await begin(engine, "x" * 9_000))
    again = await finished(engine, await ask_again(engine, run, "y" * 40_000))
    (call,) = (await prompt_of(engine, again)).calls
    assert sent(call) == request_body(model.requests[1])["messages"]
    assert [message.was_shortened for message in call.messages] == [True]
    assert [message.role for message in call.left_out] == ["user", "assistant"]
    assert all(message.estimated_tokens > 2_000 and len(message.content) < 400 for message in call.left_out)
    third = await finished(engine, await ask_again_with_last(engine, again))
    assert (await prompt_of(engine, third)).calls[0].earlier_messages == 4


async def ask_again_with_last(engine: Engine, run: Run) -> Run:
    await messages.create_message(engine, run.thread_id, CreateMessage(role="user", content="z"))
    strategy = {"type": "last_messages", "last_messages": 1}
    body = CreateRun.model_validate({"assistant_id": run.assistant_id, "truncation_strategy": strategy})
    return await runs.create_run(engine, run.thread_id, body)


async def test_a_call_that_failed_is_told_without_its_usage(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [[UpstreamFailed("No.", code="server_error")]]
    run = await finished(engine, await begin(engine, "Hi"))
    (call,) = (await prompt_of(engine, run)).calls
    assert (sent(call), call.prompt_tokens) == ([{"role": "user", "content": "Hi"}], None)


async def test_prompts_go_with_their_thread_and_after_their_time(
    engine: Engine, model: ScriptedModel, clock: FakeClock
) -> None:
    model.turns = [says("One"), says("Two")]
    run, other = await finished(engine, await begin(engine)), await finished(engine, await begin(engine))
    await threads.delete_thread(engine, run.thread_id)
    with pytest.raises(NotFound):
        await prompt_of(engine, run)
    assert await count(engine) == 1
    clock.advance(31 * 24 * 3600)
    await prompts.delete_old_prompts(engine)
    assert (await prompt_of(engine, other)).calls == []


async def test_a_record_is_bounded(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [says("One")]
    run = await finished(engine, await begin(engine))
    long = UserMessage((TextPart("x" * MOST_CHARACTERS),))
    record = await PromptRecorder(engine, run, None).record(model.info, [long] * 3, ChatRequest("m", (long,) * 3))
    kept = unpack(record.values["content"])
    assert kept["is_cut"]
    assert sum(len(body["content"]) for body in kept["new"]) < MOST_CHARACTERS * 1.01


async def count(engine: Engine) -> int:
    query = tables.prompts.select()
    return len(await engine.database.read(lambda connection: connection.execute(query).all()))

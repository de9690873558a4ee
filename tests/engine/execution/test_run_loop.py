from __future__ import annotations

import json
from pathlib import Path

import pytest
from anyio import to_thread

from app.engine import assistants, runs, threads
from app.engine.engine import Engine
from app.engine.models.port import AssistantMessage, Finished, TextDelta, ToolMessage, Usage
from app.engine.tools.code_interpreter.port import Figure, FileMade, Logs
from app.errors import UpstreamFailed
from app.wire.assistants import CreateAssistant
from app.wire.runs import CreateRun, SubmitToolOutputs
from app.wire.threads import CreateThread
from tests.doubles.interpreter import ScriptedInterpreter
from tests.doubles.models import ScriptedModel, calls, says
from tests.engine.conversations import CODE, FUNCTION, ask_again, begin, events_of, finished, messages_of, steps_of

pytestmark = pytest.mark.usefixtures("worker")

PLAIN_RUN = [
    "thread.run.created",
    "thread.run.queued",
    "thread.run.in_progress",
    "thread.run.step.created",
    "thread.run.step.in_progress",
    "thread.message.created",
    "thread.message.in_progress",
    "thread.message.delta",
    "thread.message.delta",
    "thread.message.completed",
    "thread.run.step.completed",
    "thread.run.completed",
]


async def test_a_plain_run_tells_its_events_in_the_specified_order(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [says("Hello there")]
    run = await begin(engine)
    assert [name for name, _body in await events_of(engine, run)] == PLAIN_RUN


async def test_deltas_add_up_to_the_stored_message(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [says("One two three")]
    run = await begin(engine)
    deltas = [body for name, body in await events_of(engine, run) if name == "thread.message.delta"]
    told = "".join(part["text"]["value"] for body in deltas for part in body["delta"]["content"])
    (answer,) = [message for message in await messages_of(engine, run) if message.role == "assistant"]
    assert told == answer.content[0]["text"]["value"] == "One two three"
    assert answer.run_id == run.id


async def test_usage_is_summed_over_turns(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    model.turns = [calls(("python", '{"code": "1"}')), says("Done")]
    interpreter.cells = [[Logs("1\n")]]
    run = await finished(engine, await begin(engine, tools=[CODE]))
    assert run.usage is not None
    assert (run.usage.prompt_tokens, run.usage.completion_tokens, run.usage.total_tokens) == (20, 10, 30)


async def test_code_runs_and_its_output_reaches_the_model_and_the_step(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    model.turns = [calls(("python", json.dumps({"code": "print(6 * 7)"}))), says("It is 42")]
    interpreter.cells = [[Logs("42\n")]]
    run = await finished(engine, await begin(engine, tools=[CODE]))
    tool_step, message_step = await steps_of(engine, run)
    (call,) = tool_step.step_details["tool_calls"]
    assert call["code_interpreter"] == {"input": "print(6 * 7)", "outputs": [{"type": "logs", "logs": "42\n"}]}
    assert message_step.type == "message_creation"
    told = model.requests[1].messages
    assert isinstance(told[-2], AssistantMessage)
    assert told[-1] == ToolMessage(told[-2].tool_calls[0].id, "42\n")


async def test_a_figure_is_an_output_of_the_step_and_comes_first_in_the_message(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    model.turns = [calls(("python", '{"code": "plot()"}')), says("Here it is")]
    interpreter.cells = [[Figure("figure-1.png", b"\x89PNG")]]
    run = await finished(engine, await begin(engine, tools=[CODE]))
    (call,) = (await steps_of(engine, run))[0].step_details["tool_calls"]
    answer = (await messages_of(engine, run))[-1]
    image, text = answer.content
    assert image["type"] == "image_file"
    assert call["code_interpreter"]["outputs"][0]["image"] == image["image_file"]
    assert text["text"]["value"] == "Here it is"


async def test_made_files_are_attached_to_the_message_and_links_to_them_annotated(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter, tmp_path: Path
) -> None:
    (tmp_path / "out.csv").write_text("a,b")
    model.turns = [calls(("python", '{"code": "save()"}')), says("See sandbox:/mnt/data/out.csv now")]
    interpreter.cells = [[FileMade("out.csv", tmp_path / "out.csv", 3)]]
    run = await finished(engine, await begin(engine, tools=[CODE]))
    answer = (await messages_of(engine, run))[-1]
    (attachment,) = answer.attachments
    (annotation,) = answer.content[0]["text"]["annotations"]
    assert annotation["file_path"]["file_id"] == attachment["file_id"]
    assert attachment["tools"] == [{"type": "code_interpreter"}]
    assert attachment["filename"] == "out.csv"


async def test_a_file_written_again_unchanged_keeps_its_id(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter, tmp_path: Path
) -> None:
    texts = ["a,b", "a,b", "c,d"]
    for number, text in enumerate(texts):
        (tmp_path / str(number)).write_text(text)
    model.turns = [*(calls(("python", '{"code": "save()"}')) for _ in texts), says("Saved")]
    interpreter.cells = [[FileMade("out.csv", tmp_path / str(number), 3)] for number in range(len(texts))]
    run = await finished(engine, await begin(engine, tools=[CODE]))
    answer = (await messages_of(engine, run))[-1]
    assert len(answer.attachments) == 2
    assert await to_thread.run_sync(lambda: list(tmp_path.glob("[0-2]"))) == []


async def test_the_code_streams_while_the_model_writes_it(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    model.turns = [calls(("python", '{"code": "print(1)\\n"}')), says("Done")]
    interpreter.cells = [[Logs("1\n"), Logs("2\n")]]
    run = await begin(engine, tools=[CODE])
    deltas = [
        body["delta"]["step_details"]["tool_calls"][0]
        for name, body in await events_of(engine, run)
        if name == "thread.run.step.delta"
    ]
    first, *rest = deltas
    assert first["code_interpreter"] == {"input": "", "outputs": []}
    assert first["id"]
    assert all("id" not in delta for delta in rest)
    assert "".join(delta["code_interpreter"].get("input", "") for delta in rest) == "print(1)\n"
    logs = [output["logs"] for delta in rest for output in delta["code_interpreter"].get("outputs", [])]
    assert logs == ["1\n", "2\n"]


async def test_a_sandbox_that_does_not_hold_is_told_to_the_model_and_the_run_goes_on(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    interpreter.is_available = False
    model.turns = [calls(("python", '{"code": "1"}')), says("I can't run code here")]
    run = await finished(engine, await begin(engine, tools=[CODE]))
    (call,) = (await steps_of(engine, run))[0].step_details["tool_calls"]
    assert run.status == "completed"
    assert call["code_interpreter"]["outputs"][0]["logs"].startswith("sandbox_unavailable: ")
    assert interpreter.ran == []


async def test_a_function_call_waits_for_its_output_and_goes_on_with_it(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [calls(("get_weather", '{"city": "Paris"}')), says("18 degrees")]
    run = await finished(engine, await begin(engine, tools=[FUNCTION]))
    assert run.status == "requires_action"
    assert run.required_action is not None
    (call,) = run.required_action["submit_tool_outputs"]["tool_calls"]
    assert call["function"] == {"name": "get_weather", "arguments": '{"city": "Paris"}'}
    body = SubmitToolOutputs.model_validate({"tool_outputs": [{"tool_call_id": call["id"], "output": "18"}]})
    _run, position = await runs.submit_tool_outputs(engine, run.thread_id, run.id, body)
    names = [name for name, _body in await events_of(engine, run, position)]
    assert names[:3] == ["thread.run.step.completed", "thread.run.queued", "thread.run.in_progress"]
    assert names[-1] == "thread.run.completed"
    assert model.requests[1].messages[-1] == ToolMessage(call["id"], "18")


async def test_an_unknown_tool_is_answered_with_the_tools_on_offer(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [calls(("teleport", "{}")), says("I can't do that")]
    run = await finished(engine, await begin(engine, tools=[FUNCTION]))
    assert run.status == "completed"
    told = model.requests[1].messages[-1]
    assert isinstance(told, ToolMessage)
    assert "no tool named 'teleport'" in told.text
    assert "get_weather" in told.text


async def test_earlier_code_and_its_output_are_in_the_next_runs_history(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    model.turns = [calls(("python", '{"code": "print(1)"}')), says("One"), says("This one")]
    interpreter.cells = [[Logs("1\n")]]
    run = await finished(engine, await begin(engine, tools=[CODE]))
    await finished(engine, await ask_again(engine, run, "Show me the code"))
    history = model.requests[-1].messages
    called = [message for message in history if isinstance(message, AssistantMessage) and message.tool_calls]
    assert [json.loads(call.arguments) for call in called[0].tool_calls] == [{"code": "print(1)"}]


async def test_a_provider_that_refuses_fails_the_run_with_its_reason(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [[UpstreamFailed("Script refused the key (401). Check the key.", code="server_error")]]
    run = await finished(engine, await begin(engine))
    assert run.status == "failed"
    assert run.last_error == {"code": "server_error", "message": "Script refused the key (401). Check the key."}


async def test_a_failure_in_the_middle_leaves_an_incomplete_message(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [[TextDelta("Half"), UpstreamFailed("Script broke off.", code="server_error")]]
    run = await finished(engine, await begin(engine))
    answer = (await messages_of(engine, run))[-1]
    assert (answer.status, answer.incomplete_details) == ("incomplete", {"reason": "run_failed"})
    assert answer.content[0]["text"]["value"] == "Half"
    assert (await steps_of(engine, run))[0].status == "failed"


@pytest.mark.parametrize(
    ("reason", "run_reason", "message_reason"),
    [("length", "max_completion_tokens", "max_tokens"), ("content_filter", "content_filter", "content_filter")],
)
async def test_an_answer_that_was_cut_makes_the_run_incomplete(
    engine: Engine, model: ScriptedModel, reason: str, run_reason: str, message_reason: str
) -> None:
    model.turns = [says("Too long", reason=reason)]
    run = await finished(engine, await begin(engine))
    assert (run.status, run.incomplete_details) == ("incomplete", {"reason": run_reason})
    assert (await messages_of(engine, run))[-1].incomplete_details == {"reason": message_reason}


async def test_the_completion_limit_counts_over_the_whole_run(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    spent = [*calls(("python", '{"code": "1"}'))[:-1], Finished("tool_calls", Usage(10, 300))]
    model.turns = [spent, says("never said")]
    interpreter.cells = [[Logs("1\n")]]
    run = await finished(engine, await begin(engine, tools=[CODE], max_completion_tokens=300))
    assert (run.status, run.incomplete_details) == ("incomplete", {"reason": "max_completion_tokens"})


async def test_a_model_that_never_stops_calling_tools_is_stopped(
    engine: Engine, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    model.turns = [calls(("python", '{"code": "1"}')) for _ in range(40)]
    interpreter.cells = [[Logs("1\n")] for _ in range(40)]
    run = await finished(engine, await begin(engine, tools=[CODE]))
    assert run.status == "failed"
    assert run.last_error is not None
    assert "32 times" in run.last_error["message"]


async def test_the_run_says_which_model_answered(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [says("Hi")]
    run = await finished(engine, await begin(engine, model="gpt-4-1106-preview"))
    assert (run.model, run.answered_by) == ("gpt-4-1106-preview", "scripted (Script)")


async def test_a_run_without_any_message_fails_with_the_reason(engine: Engine) -> None:
    assistant = await assistants.create_assistant(engine, CreateAssistant(model="scripted"))
    thread = await threads.create_thread(engine, CreateThread())
    run = await finished(engine, await runs.create_run(engine, thread.id, CreateRun(assistant_id=assistant.id)))
    assert run.last_error is not None
    assert (run.last_error["code"], "no message" in run.last_error["message"]) == ("invalid_prompt", True)

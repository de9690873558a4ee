"""Builders for the run loop's tests: a thread, a run on it, and what came of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from app.engine import assistants, messages, runs, steps, threads
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.store.rows import Cursor
from app.wire.assistants import CreateAssistant
from app.wire.messages import CreateMessage, Message
from app.wire.runs import CreateRun, Run, SubmitToolOutputs
from app.wire.steps import RunStep
from app.wire.threads import CreateThread

FUNCTION = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
CODE = {"type": "code_interpreter"}


@asynccontextmanager
async def working(engine: Engine) -> AsyncIterator[anyio.CancelScope]:
    """Carry runs out inside the block, or until its scope is cancelled, as a server does that stops."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(engine).work)
        yield tasks.cancel_scope
        tasks.cancel_scope.cancel()


async def begin(engine: Engine, text: str = "Hi", *, tools: list[dict[str, Any]] | None = None, **options: Any) -> Run:
    """Create an assistant, a thread with one message and a run."""
    assistant = await assistants.create_assistant(
        engine, CreateAssistant.model_validate({"model": "scripted", "tools": tools or []})
    )
    thread = await threads.create_thread(engine, CreateThread(messages=[CreateMessage(role="user", content=text)]))
    body = CreateRun.model_validate({"assistant_id": assistant.id, **options})
    return await runs.create_run(engine, thread.id, body)


async def ask_again(engine: Engine, run: Run, text: str) -> Run:
    """Add a message to the run's thread and run the same assistant again."""
    await messages.create_message(engine, run.thread_id, CreateMessage(role="user", content=text))
    return await runs.create_run(engine, run.thread_id, CreateRun(assistant_id=run.assistant_id))


async def submit(engine: Engine, run: Run, output: str) -> None:
    """Answer every function that the run waits for with the same output."""
    assert run.required_action is not None
    outputs = [
        {"tool_call_id": call["id"], "output": output}
        for call in run.required_action["submit_tool_outputs"]["tool_calls"]
    ]
    body = SubmitToolOutputs.model_validate({"tool_outputs": outputs})
    await runs.submit_tool_outputs(engine, run.thread_id, run.id, body)


async def events_of(engine: Engine, run: Run, position: int = 0) -> list[tuple[str, Any]]:
    """Follow a run's stream to its end; return names and bodies."""
    found: list[tuple[str, Any]] = []
    with anyio.fail_after(10):
        async for batch in engine.hub.stream(run.id).follow(position):
            found += [(event.name, json.loads(event.data)) for event in batch]
    return found


async def finished(engine: Engine, run: Run) -> Run:
    """Wait until the run is out of the worker's hands."""
    with anyio.fail_after(10):
        while (now := await runs.get_run(engine, run.thread_id, run.id)).status in (
            "queued",
            "in_progress",
            "cancelling",
        ):
            await anyio.sleep(0.01)
    return now


async def messages_of(engine: Engine, run: Run) -> list[Message]:
    """Return the thread's messages, oldest first."""
    return (await messages.list_messages(engine, run.thread_id, Cursor(100, "asc"), None)).data


async def steps_of(engine: Engine, run: Run) -> list[RunStep]:
    """Return the run's steps, oldest first."""
    return (await steps.list_steps(engine, run.thread_id, run.id, Cursor(100, "asc"))).data

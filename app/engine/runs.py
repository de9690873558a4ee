"""Runs: create, read, change, cancel, answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from app.engine import messages, threads
from app.engine.assistants import find_assistant
from app.engine.engine import Engine
from app.engine.execution.lifecycle import may_come_from
from app.engine.store import rows, tables
from app.engine.thread_lock import active_run_ids, find_thread
from app.errors import Conflict, InvalidRequest, NotFound
from app.log import add_log_fields, current_log_fields
from app.wire.events import object_event
from app.wire.pages import Page, page_of
from app.wire.runs import CreateRun, CreateThreadAndRun, ModifyRun, Run, RunOptions, RunStatus, SubmitToolOutputs
from app.wire.threads import CreateThread, Thread

RUN_SECONDS = 600
"""A run that has not ended ten minutes after its creation expires."""


async def create_run(engine: Engine, thread_id: str, body: CreateRun) -> Run:
    """Queue a run on a thread; the worker carries it out."""
    if body.model is not None:
        await engine.models.check(body.model)
    origin = _origin(engine)

    def insert(connection: Connection) -> Run:
        find_thread(connection, thread_id)
        _require_no_run(connection, thread_id)
        for message in body.additional_messages or ():
            messages.insert_message(engine, connection, thread_id, message)
        return _insert_run(engine, connection, thread_id, body, body.additional_instructions, origin)

    try:
        run = await engine.database.write(insert)
    except IntegrityError as exc:
        raise Conflict(f"Thread {thread_id} already has an active run.") from exc
    _announce(engine, run)
    return run


async def create_thread_and_run(engine: Engine, body: CreateThreadAndRun) -> Run:
    """Store a thread and queue a run on it."""
    if body.model is not None:
        await engine.models.check(body.model)
    new_thread = body.thread or CreateThread()
    if body.tool_resources is not None:
        new_thread = new_thread.model_copy(update={"tool_resources": body.tool_resources})
    origin = _origin(engine)

    def insert(connection: Connection) -> tuple[Thread, Run]:
        thread = threads.insert_thread(engine, connection, new_thread)
        return thread, _insert_run(engine, connection, thread.id, body, None, origin)

    thread, run = await engine.database.write(insert)
    engine.hub.stream(run.id).publish(object_event("thread.created", thread))
    _announce(engine, run)
    return run


async def get_run(engine: Engine, thread_id: str, run_id: str) -> Run:
    """Return one run; raises `NotFound`."""

    def find(connection: Connection) -> Run:
        find_thread(connection, thread_id)
        return find_run(connection, thread_id, run_id)

    return await engine.database.read(find)


async def list_runs(engine: Engine, thread_id: str, cursor: rows.Cursor) -> Page[Run]:
    """Return one page of a thread's runs."""

    def read(connection: Connection) -> list[Run]:
        find_thread(connection, thread_id)
        found = rows.list_rows(connection, tables.runs, cursor, thread_id=thread_id)
        return [Run.model_validate(row) for row in found]

    return page_of(await engine.database.read(read), cursor.limit)


async def modify_run(engine: Engine, thread_id: str, run_id: str, body: ModifyRun) -> Run:
    """Change a run's metadata."""
    values = body.model_dump(exclude_none=True, exclude_unset=True)

    def change(connection: Connection) -> Run:
        find_thread(connection, thread_id)
        rows.update_row(connection, tables.runs, run_id, values, thread_id=thread_id)
        return find_run(connection, thread_id, run_id)

    return await engine.database.write(change)


async def cancel_run(engine: Engine, thread_id: str, run_id: str) -> Run:
    """Ask a run to stop: it is `cancelling` until the worker has stopped it, then `cancelled`."""

    def mark(connection: Connection) -> Run:
        find_thread(connection, thread_id)
        run = find_run(connection, thread_id, run_id)
        if not move_run(connection, run_id, RunStatus.CANCELLING, {}) and run.status is not RunStatus.CANCELLING:
            raise Conflict(f"Cannot cancel run with status '{run.status}'.")
        return find_run(connection, thread_id, run_id)

    run = await engine.database.write(mark)
    engine.hub.publish(run_id, object_event("thread.run.cancelling", run))
    engine.inbox.cancel(run_id)
    return run


async def submit_tool_outputs(engine: Engine, thread_id: str, run_id: str, body: SubmitToolOutputs) -> tuple[Run, int]:
    """Give a waiting run the outputs of all its calls; return it, and where its stream goes on."""
    position = len(engine.hub.stream(run_id))

    def answer(connection: Connection) -> Run:
        find_thread(connection, thread_id)
        run = find_run(connection, thread_id, run_id)
        _require_right_outputs(run, [given.tool_call_id for given in body.tool_outputs])
        _store_outputs(connection, run_id, {given.tool_call_id: given.output for given in body.tool_outputs})
        move_run(connection, run_id, RunStatus.QUEUED, {"required_action": None})
        return find_run(connection, thread_id, run_id)

    run = await engine.database.write(answer)
    engine.inbox.run(run_id)
    return run, position


def find_run(connection: Connection, thread_id: str, run_id: str) -> Run:
    """Return one run, inside a unit of work; raises `NotFound`."""
    row = rows.get_row(connection, tables.runs, run_id, thread_id=thread_id)
    if row is None:
        raise NotFound(f"No run found with id '{run_id}'.")
    return Run.model_validate(row)


def move_run(connection: Connection, run_id: str, status: RunStatus, values: rows.Values, **equal: object) -> bool:
    """Move a run to `status` if it stands where that may follow; say whether it did (compare and set)."""
    query = (
        update(tables.runs)
        .where(
            tables.runs.c.id == run_id,
            tables.runs.c.status.in_([str(before) for before in may_come_from(status)]),
            *(tables.runs.c[name] == value for name, value in equal.items()),
        )
        .values(status=str(status), **values)
    )
    return connection.execute(query).rowcount == 1


def _announce(engine: Engine, run: Run) -> None:
    add_log_fields(run_id=run.id)
    engine.hub.stream(run.id).publish(object_event("thread.run.created", run), object_event("thread.run.queued", run))
    engine.inbox.run(run.id)
    engine.files_waiting.ring()


def _origin(engine: Engine) -> rows.Values:
    """Return who asks, as log and traces have it; units of work run outside the task that asks."""
    fields = current_log_fields()
    trace = engine.tracer.origin()
    return {"request_id": fields.get("request_id"), "begun_by": fields.get("person_id"), "traceparent": trace}


def _insert_run(
    engine: Engine,
    connection: Connection,
    thread_id: str,
    body: RunOptions,
    additional: str | None,
    origin: rows.Values,
) -> Run:
    assistant = find_assistant(connection, body.assistant_id)
    engine.allowance.take_run(connection, engine.clock.now())
    given = body.model_dump(exclude_none=True, exclude_unset=True, by_alias=True)
    own = assistant["instructions"] if body.instructions is None else body.instructions
    now = engine.now()

    def either(name: str) -> Any:
        return given.get(name, assistant[name])

    values: dict[str, Any] = {
        **dict.fromkeys(_EMPTY_AT_FIRST),
        **origin,
        "id": engine.ids.new("run_"),
        "created_at": now,
        "thread_id": thread_id,
        "assistant_id": assistant["id"],
        "status": str(RunStatus.QUEUED),
        "expires_at": now + RUN_SECONDS,
        "model": either("model"),
        "instructions": "\n\n".join(part for part in (own, additional) if part),
        "tools": either("tools"),
        "metadata": given.get("metadata", {}),
        "temperature": either("temperature"),
        "top_p": either("top_p"),
        "max_prompt_tokens": body.max_prompt_tokens,
        "max_completion_tokens": body.max_completion_tokens,
        "truncation_strategy": {"type": "auto", "last_messages": None, **given.get("truncation_strategy", {})},
        "tool_choice": given.get("tool_choice", "auto"),
        "parallel_tool_calls": given.get("parallel_tool_calls", True),
        "response_format": either("response_format") or "auto",
        "reasoning_effort": either("reasoning_effort"),
    }
    rows.insert_row(connection, tables.runs, values)
    return Run.model_validate(values)


_EMPTY_AT_FIRST = (
    "required_action",
    "last_error",
    "started_at",
    "cancelled_at",
    "failed_at",
    "completed_at",
    "incomplete_details",
    "usage",
    "answered_by",
)


def _require_no_run(connection: Connection, thread_id: str) -> None:
    for run_id in active_run_ids(connection, thread_id):
        raise Conflict(f"Thread {thread_id} already has an active run {run_id}.")


def _require_right_outputs(run: Run, given: list[str]) -> None:
    if run.status is not RunStatus.REQUIRES_ACTION or run.required_action is None:
        raise Conflict(f'Runs in status "{run.status}" do not accept tool outputs.')
    wanted = [call["id"] for call in run.required_action["submit_tool_outputs"]["tool_calls"]]
    if sorted(wanted) != sorted(given):
        raise InvalidRequest(f"Expected tool outputs for call_ids {wanted}, got {given}")


def _store_outputs(connection: Connection, run_id: str, outputs: dict[str, str]) -> None:
    query = select(tables.steps).where(
        tables.steps.c.run_id == run_id, tables.steps.c.type == "tool_calls", tables.steps.c.status == "in_progress"
    )
    for step in connection.execute(query).mappings().all():
        calls = [_with_output(call, outputs) for call in step["step_details"]["tool_calls"]]
        details = {"type": "tool_calls", "tool_calls": calls}
        rows.update_row(connection, tables.steps, step["id"], {"step_details": details})


def _with_output(call: dict[str, Any], outputs: dict[str, str]) -> dict[str, Any]:
    if call["type"] != "function" or call["id"] not in outputs:
        return call
    return {**call, "function": {**call["function"], "output": outputs[call["id"]]}}


async def count_active(engine: Engine) -> dict[str, int]:
    """Return how many runs there are in each state that is not an end."""
    query = (
        select(tables.runs.c.status, func.count())
        .where(tables.runs.c.status.in_(tables.ACTIVE_STATUSES))
        .group_by(tables.runs.c.status)
    )
    found = await engine.database.read(lambda connection: connection.execute(query).all())
    counted = {str(status): int(count) for status, count in found}
    return {status: counted.get(status, 0) for status in tables.ACTIVE_STATUSES}

from __future__ import annotations

import anyio
import pytest
from sqlalchemy import Connection, text

from app.clock import FakeClock
from app.engine import messages, runs, threads
from app.engine.engine import Engine
from app.engine.execution.leases import LEASE_SECONDS, claim_run
from app.engine.models.port import Finished, TextDelta
from app.engine.store import rows, tables
from app.errors import Conflict
from app.wire.messages import CreateMessage
from app.wire.runs import CreateRun, Run, RunStatus
from tests.doubles.models import ScriptedModel, Turn, calls, says
from tests.engine.conversations import FUNCTION, begin, events_of, finished, messages_of, steps_of, working

LONG: Turn = [TextDelta("Half "), 30.0, Finished("stop")]


async def until_text(engine: Engine, run: Run) -> None:
    with anyio.fail_after(10):
        while not any(message.role == "assistant" for message in await messages_of(engine, run)):
            await anyio.sleep(0.01)


async def test_cancel_stops_a_run_in_progress(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [LONG]
    async with working(engine):
        run = await begin(engine)
        await until_text(engine, run)
        assert (await runs.cancel_run(engine, run.thread_id, run.id)).status == "cancelling"
        events = [name for name, _body in await events_of(engine, run)]
        run = await finished(engine, run)
    assert run.status == "cancelled"
    assert run.cancelled_at is not None
    assert events[-4:] == [
        "thread.run.cancelling",
        "thread.message.incomplete",
        "thread.run.step.cancelled",
        "thread.run.cancelled",
    ]
    assert (await messages_of(engine, run))[-1].incomplete_details == {"reason": "run_cancelled"}


async def test_cancel_ends_a_run_that_waits_for_functions(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [calls(("get_weather", "{}"))]
    async with working(engine):
        run = await finished(engine, await begin(engine, tools=[FUNCTION]))
        assert run.status == "requires_action"
        await runs.cancel_run(engine, run.thread_id, run.id)
        run = await finished(engine, run)
    assert run.status == "cancelled"
    assert [step.status for step in await steps_of(engine, run)] == ["cancelled"]


async def test_cancel_ends_a_run_that_no_worker_took(engine: Engine) -> None:
    run = await begin(engine)
    await runs.cancel_run(engine, run.thread_id, run.id)
    async with working(engine):
        assert (await finished(engine, run)).status == "cancelled"


async def test_a_finished_run_can_not_be_cancelled(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [says("Hi")]
    async with working(engine):
        run = await finished(engine, await begin(engine))
    with pytest.raises(Conflict, match="Cannot cancel run with status 'completed'"):
        await runs.cancel_run(engine, run.thread_id, run.id)


async def test_an_active_run_locks_its_thread(engine: Engine) -> None:
    run = await begin(engine)
    with pytest.raises(Conflict, match=f"Can't add messages to {run.thread_id} while a run {run.id} is active"):
        await messages.create_message(engine, run.thread_id, CreateMessage(role="user", content="More"))
    with pytest.raises(Conflict, match=f"Thread {run.thread_id} already has an active run {run.id}"):
        await runs.create_run(engine, run.thread_id, CreateRun(assistant_id=run.assistant_id))


async def test_functions_that_nobody_answers_expire_with_their_run(
    engine: Engine, model: ScriptedModel, clock: FakeClock
) -> None:
    model.turns = [calls(("get_weather", "{}"))]
    async with working(engine):
        run = await finished(engine, await begin(engine, tools=[FUNCTION]))
        clock.advance(runs.RUN_SECONDS + 1)
        with anyio.fail_after(10):
            while (await runs.get_run(engine, run.thread_id, run.id)).status is RunStatus.REQUIRES_ACTION:
                await anyio.sleep(0.05)
    run = await runs.get_run(engine, run.thread_id, run.id)
    assert run.status == "expired"
    assert [step.status for step in await steps_of(engine, run)] == ["expired"]


async def test_a_queued_run_is_taken_up_after_a_restart(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [says("Late but here")]
    run = await begin(engine)
    await engine.inbox.take()
    async with working(engine):
        assert (await finished(engine, run)).status == "completed"


async def test_a_run_whose_worker_died_is_ended_by_the_next_one(
    engine: Engine, model: ScriptedModel, clock: FakeClock
) -> None:
    run = await begin(engine)
    await engine.inbox.take()
    await engine.database.write(lambda connection: _die_in_progress(connection, run, clock.now()))
    clock.advance(LEASE_SECONDS + 1)
    async with working(engine):
        run = await finished(engine, run)
    assert run.status == "failed"
    model.turns = [says("Again")]
    again = await runs.create_run(engine, run.thread_id, CreateRun(assistant_id=run.assistant_id))
    assert again.status == "queued"


async def test_deleting_a_thread_stops_its_run(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [LONG]
    async with working(engine):
        run = await begin(engine)
        await until_text(engine, run)
        deleted = await threads.delete_thread(engine, run.thread_id)
    assert deleted.deleted


def _die_in_progress(connection: Connection, run: Run, now: float) -> None:
    claim_run(connection, run.id, "a-dead-worker", now)
    rows.update_row(connection, tables.runs, run.id, {"status": "in_progress"})


async def test_a_fault_of_the_database_does_not_stop_the_worker(engine: Engine, model: ScriptedModel) -> None:
    def rename(before: str, after: str) -> None:
        with engine.database.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))

    model.turns = [says("Still here")]
    rename("runs", "runs_away")
    async with working(engine):
        engine.inbox.run("run_nowhere")
        await anyio.sleep(0.2)
        await anyio.to_thread.run_sync(rename, "runs_away", "runs")
        assert (await finished(engine, await begin(engine))).status == "completed"

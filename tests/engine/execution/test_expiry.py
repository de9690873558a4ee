"""Runs whose ten minutes are over, wherever they stand then."""

from __future__ import annotations

import anyio

from app.clock import FakeClock
from app.engine import runs
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.models.port import Finished, TextDelta
from app.wire.runs import RunStatus
from tests.doubles.models import ScriptedModel
from tests.engine.conversations import begin, events_of, finished, messages_of, steps_of


async def test_a_run_that_nobody_took_in_time_expires(engine: Engine, clock: FakeClock) -> None:
    run = await begin(engine)
    await engine.inbox.take()
    clock.advance(runs.RUN_SECONDS + 1)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(engine).work)
        run = await finished(engine, run)
        tasks.cancel_scope.cancel()
    assert (run.status, run.expires_at, run.last_error) == (RunStatus.EXPIRED, None, None)


async def test_a_run_that_takes_too_long_expires_with_its_parts(
    engine: Engine, model: ScriptedModel, clock: FakeClock
) -> None:
    model.turns = [[TextDelta("Half "), 30.0, Finished("stop")]]
    run = await begin(engine)
    clock.advance(runs.RUN_SECONDS - 1)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(engine).work)
        names = [name for name, _body in await events_of(engine, run)]
        run = await finished(engine, run)
        tasks.cancel_scope.cancel()
    assert run.status is RunStatus.EXPIRED
    assert names[-3:] == ["thread.message.incomplete", "thread.run.step.expired", "thread.run.expired"]
    assert (await messages_of(engine, run))[-1].incomplete_details == {"reason": "run_expired"}
    assert [step.status for step in await steps_of(engine, run)] == ["expired"]

from __future__ import annotations

from dataclasses import replace

import anyio

from app.engine import prompts
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from tests.doubles.models import ScriptedModel, says
from tests.engine.conversations import begin, finished


async def test_nothing_is_recorded_where_the_setting_says_so(engine: Engine, model: ScriptedModel) -> None:
    silent = replace(engine, prompt_days=0)
    model.turns = [says("One")]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(silent).work)
        run = await finished(silent, await begin(silent))
        tasks.cancel_scope.cancel()
    assert (await prompts.get_prompt(engine, run.thread_id, run.id)).calls == []

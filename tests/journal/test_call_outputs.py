from __future__ import annotations

import pytest

from app.clock import FakeClock
from app.database import Database
from app.journal.call_outputs import CallOutput, CallOutputs


@pytest.fixture
def outputs(database: Database, clock: FakeClock) -> CallOutputs:
    return CallOutputs(database, clock)


async def test_the_newest_text_of_a_call_is_kept(outputs: CallOutputs) -> None:
    await outputs.keep([CallOutput("call_1", "run_1", "su"), CallOutput("call_2", "run_1", "")])
    newest = CallOutput("call_1", "run_1", "sun", is_mocked=True)
    await outputs.keep([newest])
    await outputs.keep([])
    kept = await outputs.of_runs(["run_1", "run_2"])
    assert kept == {"call_1": newest, "call_2": CallOutput("call_2", "run_1", "")}


async def test_the_page_knows_its_own_runs(outputs: CallOutputs) -> None:
    await outputs.claim_run("run_1", "chat_1")
    await outputs.claim_run("run_1", "chat_1")
    assert await outputs.own_runs(["run_1", "run_2"]) == {"run_1"}

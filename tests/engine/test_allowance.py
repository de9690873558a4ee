"""Each person may take so much, and no more; others are not touched by it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio
import pytest

from app.clock import FakeClock
from app.database import Database
from app.engine import files
from app.engine.allowance import Allowance
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.runs import cancel_run
from app.engine.store import taken
from app.engine.sweeper import sweep
from app.engine.thread_fork import fork_thread
from app.engine.threads import create_thread, delete_thread
from app.errors import Conflict, InvalidRequest, RateLimited
from app.limits import Limits
from app.wire.messages import CreateMessage
from app.wire.threads import CreateThread, ForkThread
from tests.doubles.models import ScriptedModel, says
from tests.engine.conversations import ask_again, begin, finished

MB = 1024 * 1024


def limited(**limits: int) -> Allowance:
    return Allowance(lambda _connection, _person: Limits(**limits))


async def upload(engine: Engine, size_bytes: int) -> str:
    async with engine.blobs.writer() as blob:
        await blob.write(b"x" * size_bytes)
    return (await files.store_upload(engine, blob, "a.txt", "assistants", "file-")).id


async def test_runs_at_once_are_limited_for_each_person(engine: Engine) -> None:
    engine = replace(engine, allowance=limited(runs_at_once=2))
    ada, bob = engine.for_person("ada"), engine.for_person("bob")
    run = await begin(ada)
    await begin(ada)
    with pytest.raises(RateLimited, match="2 at once") as refusal:
        await begin(ada)
    assert refusal.value.code == "rate_limit_exceeded"
    assert refusal.value.retry_after_seconds > 1
    await begin(bob)
    await cancel_run(ada, run.thread_id, run.id)
    with pytest.raises(RateLimited):
        await begin(ada)


async def test_runs_asked_for_at_the_same_time_are_counted(engine: Engine) -> None:
    engine = replace(engine, allowance=limited(runs_at_once=2)).for_person("ada")
    refused = []

    async def ask() -> None:
        try:
            await begin(engine)
        except RateLimited as error:
            refused.append(error)

    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(ask)
    assert len(refused) == 4


async def test_runs_a_minute_are_limited_and_say_when_to_try_again(engine: Engine, clock: FakeClock) -> None:
    engine = replace(engine, allowance=limited(runs_per_minute=2))
    ada, bob = engine.for_person("ada"), engine.for_person("bob")
    await begin(ada)
    clock.advance(20)
    await begin(ada)
    with pytest.raises(RateLimited, match="2 runs a minute") as refusal:
        await begin(ada)
    assert refusal.value.retry_after_seconds == 40
    await begin(bob)
    clock.advance(40)
    await begin(ada)


async def test_runs_a_minute_hold_in_all_processes_together(engine: Engine, database_url: str) -> None:
    here = replace(engine, allowance=limited(runs_per_minute=3)).for_person("ada")
    second = Database(database_url)
    there = replace(here, database=second.for_caller("ada"))
    refused: list[RateLimited] = []

    async def ask(process: Engine) -> None:
        try:
            await begin(process)
        except RateLimited as error:
            refused.append(error)

    async with anyio.create_task_group() as tasks:
        for process in (here, there) * 3:
            tasks.start_soon(ask, process)
    await second.aclose()
    assert len(refused) == 3


async def test_deleting_a_thread_gives_no_run_back(engine: Engine, clock: FakeClock) -> None:
    engine = replace(engine, allowance=limited(runs_per_minute=1)).for_person("ada")
    await delete_thread(engine, (await begin(engine)).thread_id)
    with pytest.raises(RateLimited):
        await begin(engine)
    clock.advance(60)
    await sweep(engine)
    assert await engine.database.read(partial(taken.begun_since, person="ada", since=0)) == 0
    await begin(engine)


async def test_a_refused_run_does_not_count(engine: Engine) -> None:
    engine = replace(engine, allowance=limited(runs_per_minute=2)).for_person("ada")
    run = await begin(engine)
    with pytest.raises(Conflict):
        await ask_again(engine, run, "Again")
    await begin(engine)


async def test_storage_is_limited_and_what_does_not_fit_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    engine = replace(engine, allowance=limited(storage_mb=1))
    ada, bob = engine.for_person("ada"), engine.for_person("bob")
    first = await upload(ada, MB - 10)
    with pytest.raises(InvalidRequest, match=r"1\.0 of 1 MB") as refusal:
        await upload(ada, 11)
    assert refusal.value.code == "storage_limit_exceeded"
    assert sum(path.is_file() for path in (tmp_path / "files").rglob("*")) == 1
    await upload(ada, 10)
    await upload(bob, 11)
    await files.delete_file(ada, first)
    await upload(ada, MB - 10)


async def test_a_fork_takes_no_storage(engine: Engine) -> None:
    ada = replace(engine, allowance=limited(storage_mb=1)).for_person("ada")
    attached = {"file_id": await upload(ada, MB), "tools": [{"type": "file_search"}]}
    message = CreateMessage.model_validate({"role": "user", "content": "Read it", "attachments": [attached]})
    thread = await create_thread(ada, CreateThread(messages=[message]))
    for _ in range(3):
        await fork_thread(ada, thread.id, ForkThread())
    assert await engine.database.read(partial(taken.stored_bytes, person="ada")) == MB
    with pytest.raises(InvalidRequest):
        await upload(ada, 1)


async def test_without_sign_in_everybody_is_one(engine: Engine) -> None:
    engine = replace(engine, allowance=limited(runs_at_once=1))
    await begin(engine.for_person("ada"))
    with pytest.raises(RateLimited):
        await begin(engine)


async def test_people_take_turns_when_the_server_is_busy(engine: Engine, model: ScriptedModel) -> None:
    engine = replace(engine, most_runs=1)
    ada, bob = engine.for_person("ada"), engine.for_person("bob")
    model.turns += [says("Answer") for _ in range(7)]
    of_ada = [await begin(ada, f"ada {number}") for number in range(5)]
    of_bob = [await begin(bob, f"bob {number}") for number in range(2)]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(engine).work)
        for person, runs in ((ada, of_ada), (bob, of_bob)):
            for run in runs:
                assert (await finished(person, run)).status == "completed"
        tasks.cancel_scope.cancel()
    asked = [str(request.messages[-1]) for request in model.requests]
    served = ["bob" if "bob" in text else "ada" for text in asked]
    assert served.index("bob") <= 2
    assert served[:5].count("bob") == 2

"""Kill -9 at random points: runs end truthfully, no tool call runs twice, threads are usable."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from pathlib import Path

import anyio
from sqlalchemy import Connection, select

from app.clock import Clock
from app.engine.engine import Engine
from app.engine.execution.leases import LEASE_SECONDS
from app.engine.execution.worker import Worker
from app.engine.store import tables
from app.wire.runs import Run
from tests.doubles.doomed_engine import live, make_engine
from tests.engine.conversations import ask_again, finished

KILLS = 50
SEED = 20260826


class LaterClock(Clock):
    """The machine's clock, past every lease of the dead."""

    def now(self) -> float:
        """Return the time after the leases."""
        return time.time() + LEASE_SECONDS + 1


def kill_at_random_points(folder: Path, url: str) -> None:
    """Start the doomed engine again and again on the same database, each time for up to a third of a second."""
    chance = random.Random(SEED)  # noqa: S311  no secret is made of it
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.doubles.doomed_engine"])
    for _ in range(KILLS):
        (folder / "ready").unlink(missing_ok=True)
        process = context.Process(target=live, args=(str(folder), url), daemon=True)
        process.start()
        deadline = time.monotonic() + 30
        while not (folder / "ready").exists() and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.uniform(0.005, 0.3))
        process.kill()
        process.join(10)
        process.close()


def read_runs(connection: Connection) -> list[Run]:
    return [Run.model_validate(row) for row in connection.execute(select(tables.runs)).mappings()]


def open_parts(connection: Connection) -> int:
    """Count messages and steps that are still in progress."""
    return sum(
        len(connection.execute(select(table.c.id).where(table.c.status == "in_progress")).all())
        for table in (tables.messages, tables.steps)
    )


def stored_calls(connection: Connection) -> Counter[str]:
    steps = connection.execute(select(tables.steps).where(tables.steps.c.type == "tool_calls")).mappings()
    return Counter(
        f"{step['thread_id']} {call['code_interpreter']['input']}"
        for step in steps
        for call in step["step_details"]["tool_calls"]
    )


async def settle(engine: Engine) -> list[Run]:
    """Wait until the survivor has ended or finished every run."""
    with anyio.fail_after(30):
        while True:
            runs = await engine.database.read(read_runs)
            if all(run.expires_at is None for run in runs):
                return runs
            await anyio.sleep(0.05)


async def test_kill_at_fifty_random_points(tmp_path: Path, database_url: str) -> None:
    await anyio.to_thread.run_sync(kill_at_random_points, tmp_path, database_url)
    engine = make_engine(tmp_path, database_url, LaterClock())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(engine).work)
        runs = await settle(engine)
        ended = Counter(str(run.status) for run in runs)
        assert set(ended) <= {"completed", "failed"}
        assert ended["failed"] >= KILLS
        assert all(run.last_error for run in runs if run.status == "failed")
        assert await engine.database.read(open_parts) == 0
        made = Counter((tmp_path / "calls.txt").read_text().splitlines())
        assert max(made.values()) == 1
        assert not made - await engine.database.read(stored_calls)
        again = await finished(engine, await ask_again(engine, runs[-1], "Go on"))
        assert again.status == "completed"
        tasks.cancel_scope.cancel()
    await engine.database.aclose()

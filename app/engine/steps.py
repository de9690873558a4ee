"""Run steps: read."""

from __future__ import annotations

from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.runs import find_run
from app.engine.store import rows, tables
from app.engine.thread_lock import find_thread
from app.errors import NotFound
from app.wire.pages import Page, page_of
from app.wire.steps import RunStep


async def get_step(
    engine: Engine, thread_id: str, run_id: str, step_id: str, *, with_passages: bool = False
) -> RunStep:
    """Return one step; raises `NotFound`."""

    def find(connection: Connection) -> RunStep:
        find_thread(connection, thread_id)
        find_run(connection, thread_id, run_id)
        row = rows.get_row(connection, tables.steps, step_id, run_id=run_id)
        if row is None:
            raise NotFound(f"No run step found with id '{step_id}'.")
        return _shown(row, with_passages=with_passages)

    return await engine.database.read(find)


async def list_steps(
    engine: Engine, thread_id: str, run_id: str, cursor: rows.Cursor, *, with_passages: bool = False
) -> Page[RunStep]:
    """Return one page of a run's steps."""

    def read(connection: Connection) -> list[RunStep]:
        find_thread(connection, thread_id)
        find_run(connection, thread_id, run_id)
        found = rows.list_rows(connection, tables.steps, cursor, run_id=run_id)
        return [_shown(row, with_passages=with_passages) for row in found]

    return page_of(await engine.database.read(read), cursor.limit)


def _shown(row: rows.Row, *, with_passages: bool) -> RunStep:
    step = RunStep.model_validate(row)
    return step if with_passages else step.without_passages()

"""The worker: claims queued runs, carries out many at once, stops them when asked, ends those that nobody holds."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import anyio
from anyio.abc import TaskGroup
from sqlalchemy.exc import SQLAlchemyError

from app.database import FAULTS
from app.engine.engine import Engine
from app.engine.execution import endings, leases
from app.engine.execution.endings import Ending
from app.engine.execution.executor import Executor
from app.engine.execution.outbox import LostLeaseError
from app.engine.execution.recovery import close_open_parts
from app.engine.execution.run_writer import RunWriter, read_answered_steps
from app.engine.execution.turns import Turns
from app.engine.store.rows import Row
from app.errors import AppError
from app.log import add_log_fields, log_fields
from app.wire.runs import Run, RunStatus

_log = logging.getLogger(__name__)

_SWEEP_SECONDS = 1.0
_CLEANUP_SECONDS = 10.0
_RUN_ERROR_CODES = frozenset({"server_error", "rate_limit_exceeded", "invalid_prompt"})


@dataclass(slots=True)
class _Task:
    """A run that is being carried out: how to stop it, and how it shall end then."""

    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    ending: Ending = endings.CANCELLED


class Worker:
    """Carries out the runs of one process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._owner = secrets.token_hex(8)
        self._tasks: dict[str, _Task] = {}
        self._turns = Turns(engine.most_runs)
        self._waiting: set[str] = set()
        self._look_now = anyio.Event()

    async def work(self) -> None:
        """Work until cancelled; runs in progress are then queued again, for another worker or after the restart."""
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._heartbeat)
                group.start_soon(self._sweep, group)
                await self._serve(group)
        finally:
            self._tasks.clear()

    async def _serve(self, group: TaskGroup) -> None:
        while True:
            queued, cancelled = await self._engine.inbox.take()
            for run_id in queued:
                group.start_soon(self._carry_out, run_id)
            for run_id in cancelled:
                self._stop(run_id, endings.CANCELLED)

    def _stop(self, run_id: str, ending: Ending) -> None:
        task = self._tasks.get(run_id)
        if task is None:
            self._look_now.set()
            return
        task.ending = ending
        task.scope.cancel()

    async def _heartbeat(self) -> None:
        while True:
            await anyio.sleep(leases.HEARTBEAT_SECONDS)
            if self._tasks:
                renew = partial(leases.renew_leases, owner=self._owner, now=self._engine.clock.now())
                with _database_faults("renewing leases"):
                    await self._engine.database.write(renew)

    async def _carry_out(self, run_id: str) -> None:
        if run_id in self._waiting:
            return
        self._waiting.add(run_id)
        async with self._turns.slot(await self._person_of(run_id)):
            self._waiting.discard(run_id)
            with log_fields(run_id=run_id), _database_faults("carrying out a run"):
                await self._claim_and_execute(run_id)

    async def _person_of(self, run_id: str) -> str:
        """Return whose turn the run waits for; nobody asks while there are free slots."""
        if not self._turns.is_full:
            return ""
        with log_fields(run_id=run_id), _database_faults("looking up whose a run is"):
            return await self._engine.database.read(partial(leases.owner_of, run_id=run_id))
        return ""

    async def _claim_and_execute(self, run_id: str) -> None:
        claim = partial(leases.claim_run, run_id=run_id, owner=self._owner, now=self._engine.clock.now())
        with anyio.CancelScope(shield=True):  # A worker that stops meanwhile knows what it holds.
            claimed = await self._engine.database.write(claim)
        if claimed is None:
            return
        add_log_fields(**claimed.log_fields)
        task = self._tasks[run_id] = _Task()
        writer = RunWriter(self._engine, claimed.run, claimed.fence)
        try:
            with self._engine.tracer.run(lambda: writer.run, claimed.traceparent):
                await self._execute(writer, claimed.fence, task)
        except LostLeaseError:
            _log.info("the run is no longer ours: deleted with its thread, or taken over")
            self._engine.hub.forget(run_id)
        finally:
            del self._tasks[run_id]

    async def _execute(self, writer: RunWriter, fence: int, task: _Task) -> None:
        engine, run = self._engine, writer.run
        executor = Executor(engine, writer)
        is_finished = False
        try:
            with task.scope, anyio.move_on_after(self._seconds_left(run)) as limit:
                await self._resume(writer)
                ending = await _outcome(executor)
                if ending is not None:
                    await executor.abandon(ending)
                is_finished = True
            if not is_finished:
                await executor.abandon(endings.EXPIRED if limit.cancelled_caught else task.ending)
        except anyio.get_cancelled_exc_class():
            with anyio.move_on_after(_CLEANUP_SECONDS, shield=True):
                await executor.hand_over()
            _log.info("the run is %s, as this server stops", writer.run.status)
            raise
        _log.info("the run is %s, answered by %s", writer.run.status, writer.run.answered_by)
        if writer.run.status is not RunStatus.REQUIRES_ACTION:
            engine.meter.count_end(writer.run)
        else:
            await engine.database.write(partial(leases.release_lease, run_id=run.id, fence=fence))

    async def _resume(self, writer: RunWriter) -> None:
        if writer.run.started_at is None:
            return
        answered = await self._engine.database.read(lambda connection: read_answered_steps(connection, writer.run.id))
        await writer.resume(answered)

    def _seconds_left(self, run: Run) -> float:
        return max((run.expires_at or 0) - self._engine.clock.now(), 0)

    async def _sweep(self, group: TaskGroup) -> None:
        while True:
            with _database_faults("looking for runs that nobody attends"):
                await self._look(group)
            with anyio.move_on_after(_SWEEP_SECONDS):
                await self._look_now.wait()
                self._look_now = anyio.Event()

    async def _look(self, group: TaskGroup) -> None:
        now = self._engine.clock.now()
        for row in await self._engine.database.read(partial(leases.unattended_runs, now=now)):
            if row["id"] not in self._tasks:
                with log_fields(**leases.log_fields_of(row)):
                    await self._attend(row, now, group)

    async def _attend(self, row: Row, now: float, group: TaskGroup) -> None:
        is_expired = row["expires_at"] is not None and row["expires_at"] <= now
        match RunStatus(row["status"]):
            case RunStatus.QUEUED if not is_expired:
                group.start_soon(self._carry_out, row["id"])
            case RunStatus.REQUIRES_ACTION if not is_expired:
                return
            case RunStatus.CANCELLING:
                await self._end(row, endings.CANCELLED, now)
            case _:
                await self._end(row, endings.EXPIRED if is_expired else _SERVER_STOPPED, now)

    async def _end(self, row: Row, ending: Ending, now: float) -> None:
        taken = partial(leases.take_over, row=row, owner=self._owner, now=now)
        fence = await self._engine.database.write(taken)
        if fence is None:
            return
        writer = RunWriter(self._engine, Run.model_validate(row), fence)
        with self._engine.tracer.run(lambda: writer.run, row["traceparent"]):
            await close_open_parts(self._engine, writer, ending)
            try:
                await writer.finish(ending)
            except LostLeaseError:
                _log.info("the run moved on by itself")


_SERVER_STOPPED = endings.failed("server_error", "The server stopped while this run was in progress. Run it again.")


@contextmanager
def _database_faults(doing: str) -> Iterator[None]:
    """Log a failure of the database and go on: what could not be done is found again by its lease."""
    try:
        yield
    except FAULTS as error:
        _log.error("the database does not answer while %s: %s", doing, type(error).__name__)
    except SQLAlchemyError:
        _log.exception("the database failed while %s", doing)


async def _outcome(executor: Executor) -> Ending | None:
    """Execute; return how to end a run whose execution failed."""
    try:
        await executor.execute()
    except LostLeaseError:
        raise
    except FAULTS as error:
        _log.error("the database does not answer a run: %s", type(error).__name__)
        return endings.failed("server_error", "The server's database did not answer during this run. Run it again.")
    except AppError as error:
        code = error.code if error.code in _RUN_ERROR_CODES else "server_error"
        return endings.failed(code or "server_error", error.message)
    except Exception:  # a task's root: whatever happened is recorded on the run
        _log.exception("a run failed unexpectedly")
        return endings.failed("server_error", "The server failed while carrying out this run; its log says why.")
    return None

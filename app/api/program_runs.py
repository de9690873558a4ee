"""Follows the runs that programs begin, so that the logs tell of them whether or not anybody streams them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio
from anyio.abc import TaskGroup

if TYPE_CHECKING:
    from app.engine.engine import Engine
    from app.engine.execution.hub import RunStream
    from app.journal.programs import ProgramJournal

_PAUSE_SECONDS: Final = 0.08
_LONGEST_SECONDS: Final = 3600.0
_MOST_FOLLOWED: Final = 200
_WAITING: Final = "thread.run.requires_action"
_UNTOLD: Final = (".delta", "thread.run.queued", "thread.message.created", "message.in_progress", "step.in_progress")
"""Events that say nothing which their neighbours don't."""


class ProgramRuns:
    """One task for each run, which looks at its stream a dozen times a second at most; `journal` takes what is seen."""

    def __init__(self, engine: Engine, journal: ProgramJournal) -> None:
        self._engine = engine
        self.journal = journal
        self._tasks: TaskGroup | None = None
        self._positions: dict[str, int] = {}
        """How far each run that is not over was followed."""
        self._followed: set[str] = set()

    async def work(self) -> None:
        """Follow what programs begin, and write what was seen, until cancelled."""
        async with anyio.create_task_group() as self._tasks:
            await self.journal.work()

    def take(self, path: str, thread_id: str | None, run_id: str, principal: str) -> None:
        """Follow the run that the call to `path` has begun, or gone on with."""
        stream = self._engine.hub.find(run_id)
        if self._tasks is None or stream is None or len(self._followed) >= _MOST_FOLLOWED:
            return
        if path.endswith("/runs"):
            self._positions.setdefault(run_id, 0)
        if run_id in self._positions and run_id not in self._followed:
            self._followed.add(run_id)
            self._tasks.start_soon(self._follow, stream, thread_id, run_id, principal)

    async def _follow(self, stream: RunStream, thread_id: str | None, run_id: str, principal: str) -> None:
        ending = ""
        try:
            with anyio.move_on_after(_LONGEST_SECONDS):
                async for batch in stream.follow(self._positions[run_id]):
                    self._positions[run_id] += len(batch)
                    for event in batch:
                        if not event.name.endswith(_UNTOLD):
                            self.journal.take_event(event.name, event.data, principal, thread_id, run_id)
                    ending = batch[-1].name
                    await anyio.sleep(_PAUSE_SECONDS)
        finally:
            self._followed.discard(run_id)
            if ending != _WAITING:
                self._positions.pop(run_id, None)

"""The moves that run in this process: one at a time for each person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.connections.principal import current_person
from app.errors import Conflict

if TYPE_CHECKING:
    import asyncio

    from app.connections.move.mover import Mover, Wanted
    from app.connections.move.report import MoveReport


class RunningMoves:
    """Tasks that go on while the person looks elsewhere; they end with the server, and can be gone on with."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._group = tasks
        self._running: set[asyncio.Task[MoveReport]] = set()
        self._reports: dict[str, tuple[str, MoveReport]] = {}

    def report(self, connection: str) -> MoveReport | None:
        """Return how the person's last move from the connection stands."""
        name, report = self._reports.get(current_person(), ("", None))
        return report if name == connection else None

    def start(self, mover: Mover, wanted: Wanted) -> MoveReport:
        """Begin a move; raises `Conflict` while another one of the person runs."""
        _, earlier = self._reports.get(current_person(), ("", None))
        if earlier is not None and not earlier.is_done:
            raise Conflict("A move of yours is running. Wait for its end.")
        self._reports[current_person()] = (mover.connection.name, mover.report)
        task = self._group.create_task(mover.move(wanted))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return mover.report

    def close(self) -> None:
        """End all moves; what they carried stays and is not carried again."""
        for task in self._running:
            task.cancel()

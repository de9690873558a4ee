"""A thread's place: its folder, its live session if any, and what that session may use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from app.errors import ToolFailed

from . import watchdog
from .folder import Folder
from .limits import Limits
from .port import InputFile
from .safe_files import Stamp
from .session import RESET, Session

_Result = TypeVar("_Result")

_GONE = "variables are gone, files are kept"
MADE_ROOM = f"the session had been closed to make room for others: {_GONE}"
_STALE = f"the session had been closed because of its age or idleness: {_GONE}"


class Slot:
    """Holds a thread's session; whoever runs a cell holds the lock."""

    def __init__(self, folder: Folder, limits: Limits) -> None:
        self.folder = folder
        self.lock = asyncio.Lock()
        self.session: Session | None = None
        self.end_note = ""
        """Why the last session was closed, for the output of the next cell."""
        self.before: dict[str, Stamp] = {}
        self._limits = limits
        self._started_at = 0.0
        self._used_at = 0.0
        self._disk_allowed: int | None = None
        """Unknown while inputs are copied in; nothing runs then."""
        self._is_over_disk = False

    @property
    def used_at(self) -> float:
        """When a cell last ended, in the loop's time."""
        return self._used_at

    def begin(self, session: Session) -> None:
        """Take a new session."""
        self.session, self.end_note = session, ""
        self._started_at = self._used_at = asyncio.get_running_loop().time()

    def touch(self) -> None:
        """Remember that the session was used now."""
        self._used_at = asyncio.get_running_loop().time()

    async def end(self, note: str = "") -> None:
        """Close the session, if there is one."""
        session, self.session = self.session, None
        self.end_note = note or self.end_note
        if session is not None:
            await session.aclose()

    async def lay_in(self, files: Sequence[InputFile]) -> None:
        """Copy the inputs in, and remember which files are there, so that what the cell makes can be told from them."""
        self._disk_allowed = None
        await self.in_thread(self.folder.lay_in, files)
        self.before = await self.in_thread(self.folder.list_files)
        self._disk_allowed = await self.in_thread(self.folder.allowed_bytes, self.before)

    async def shrink(self) -> None:
        """Remove what the last cell wrote beyond its limit, if it did."""
        if self._is_over_disk:
            self._is_over_disk = False
            await self.in_thread(self.folder.remove_changed, self.before)

    async def in_thread(self, action: Callable[..., _Result], *arguments: object) -> _Result:
        """Do blocking work on the session's files."""
        try:
            return await asyncio.to_thread(action, *arguments)
        except OSError as exc:
            message = f"The session's files could not be used: {exc.strerror or exc}."
            raise ToolFailed(message, code="sandbox_files") from exc

    async def watch(self, base_memory_bytes: int) -> None:
        """End the session when it is stale, or kill it when it uses too much."""
        session = self.session
        if session is None or not session.is_alive:
            return
        if not self.lock.locked() and self._is_stale():
            await self.end(_STALE)
            return
        limits = self._limits
        owner = await asyncio.to_thread(self.folder.owner)
        memory = base_memory_bytes + limits.memory_bytes + limits.memory_bytes // 10
        if await asyncio.to_thread(watchdog.tree_memory_bytes, session.pid, memory, owner) > memory:
            session.kill(f"the cell used more than {limits.memory_mb} MB of memory and {RESET}")
        elif await asyncio.to_thread(watchdog.count_threads, session.pid) > limits.threads:
            session.kill(f"the cell started more than {limits.threads} threads and {RESET}")
        elif await self._is_over(session):
            self._is_over_disk = True
            amount = f"{limits.disk_mb} MB or {limits.files:,} files"
            session.kill(f"the cell wrote more than {amount}: its files were removed, and {RESET}")

    async def _is_over(self, session: Session) -> bool:
        allowed = self._disk_allowed
        if allowed is None:
            return False
        is_over = await asyncio.to_thread(self.folder.is_over, session.pid, allowed)
        return is_over and self._disk_allowed == allowed  # Else new inputs came while it was measured.

    def _is_stale(self) -> bool:
        now = asyncio.get_running_loop().time()
        return now - self._used_at > self._limits.idle_seconds or now - self._started_at > self._limits.life_seconds

"""The code interpreter: one confined session per thread, started on first use, closed when idle."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.errors import SandboxUnavailable, ToolFailed

from . import watchdog
from .folder import Folder
from .limits import Limits
from .port import CellDone, CellEvent, FileMade, InputFile, Logs
from .safe_files import Stamp
from .session import Session
from .tier import Tier

_LOG = logging.getLogger(__name__)
_WATCH_SECONDS = 0.15
_FIRST_USE_SECONDS = 150.0
_CLOSE_SECONDS = 10.0
_RESET = "the session was reset: variables are gone, files are kept"


@dataclass(slots=True)
class _Slot:
    """A thread's place: its folder, its live session if any, and who uses it now."""

    folder: Folder
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    session: Session | None = None
    started_at: float = 0.0
    used_at: float = 0.0
    before: dict[str, Stamp] = field(default_factory=dict)
    disk_allowed: int = 0
    is_over_disk: bool = False


class SandboxedInterpreter:
    """A `CodeInterpreter` whose cells run in the best sandbox that holds here, or not at all."""

    def __init__(
        self, *, choice: str, python: Path, work_folder: Path, limits: Limits | None = None, canary: Path | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._work_folder = work_folder
        self._tier = Tier(choice, python, work_folder, self._limits, canary)
        self._slots: dict[str, _Slot] = {}
        self._opening = asyncio.Lock()
        self._probed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def tier(self) -> Literal["namespaces", "unavailable"]:
        """The tier in force; `unavailable` until it was tried."""
        return "unavailable" if self._tier.reason else "namespaces"

    @property
    def reason(self) -> str:
        """Why the tier is unavailable, with a remedy; empty otherwise."""
        return self._tier.reason

    @property
    def fork_server_pid(self) -> int | None:
        """The fork server's process number, for measuring."""
        return self._tier.fork_server.pid

    async def start(self) -> None:
        """Begin to try the tier and to watch sessions; returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="code interpreter")

    async def aclose(self) -> None:
        """End every session and the fork server."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for slot in list(self._slots.values()):
            await _end(slot)
        self._slots.clear()
        await self._tier.fork_server.aclose()

    async def run_cell(self, thread_id: str, code: str, files: Sequence[InputFile]) -> AsyncGenerator[CellEvent]:
        """Run `code` in the thread's session; the last event is `CellDone`."""
        await self._require_tier()
        if len(code.encode("utf-8", "replace")) > self._limits.code_bytes:
            yield Logs(f"the code is longer than {self._limits.code_bytes:,} bytes and was not run\n")
            yield CellDone("error")
            return
        slot = self._slots.get(thread_id)
        if slot is None:
            slot = self._slots[thread_id] = _Slot(Folder(self._work_folder, thread_id, self._limits))
        async with slot.lock, aclosing(self._run(slot, code, files)) as events:
            async for event in events:
                yield event

    async def close_session(self, thread_id: str, *, delete_files: bool = False) -> None:
        """End the thread's session, if there is one."""
        slot = self._slots.pop(thread_id, None)
        if slot is not None:
            if slot.session is not None:
                slot.session.kill()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS), slot.lock:
                    await _end(slot)
        if delete_files:
            await asyncio.to_thread(Folder(self._work_folder, thread_id, self._limits).delete)

    async def _require_tier(self) -> None:
        await self.start()
        try:
            async with asyncio.timeout(_FIRST_USE_SECONDS):
                await self._probed.wait()
        except TimeoutError as exc:
            message = "The sandbox is still being tried. Remedy: ask again in a minute."
            raise SandboxUnavailable(message, code="sandbox_unavailable") from exc
        if self._tier.reason:
            raise SandboxUnavailable(self._tier.reason, code="sandbox_unavailable")

    async def _run(self, slot: _Slot, code: str, files: Sequence[InputFile]) -> AsyncGenerator[CellEvent]:
        session, note = await self._open(slot)
        await asyncio.to_thread(slot.folder.lay_in, files)
        slot.before = await asyncio.to_thread(slot.folder.list_files)
        slot.disk_allowed, slot.is_over_disk = slot.folder.allowed_bytes(slot.before), False
        done = CellDone("reset", _RESET)
        try:
            async with aclosing(session.run(code)) as events:
                async for event in events:
                    if isinstance(event, CellDone):
                        done = event
                    else:
                        yield event
        finally:
            slot.used_at = asyncio.get_running_loop().time()
        if slot.is_over_disk:
            await asyncio.to_thread(slot.folder.remove_changed, slot.before)
        async for made in self._collect(slot):
            yield made
        yield CellDone(done.outcome, done.note or note)

    async def _collect(self, slot: _Slot) -> AsyncGenerator[FileMade | Logs]:
        taken = await asyncio.to_thread(slot.folder.take, slot.before)
        for file in taken.files:
            yield file
        for remark in taken.remarks:
            yield Logs(f"[{remark}]\n")

    async def _open(self, slot: _Slot) -> tuple[Session, str]:
        """Return the thread's live session, and a note when an earlier one is gone."""
        if slot.session is not None and slot.session.is_alive:
            return slot.session, ""
        note = _RESET if slot.folder.path.exists() else ""
        async with self._opening:
            await _end(slot)
            await self._make_room()
            owner = await asyncio.to_thread(slot.folder.prepare)
            slot.session = await self._start_session(slot.folder, owner)
        slot.started_at = slot.used_at = asyncio.get_running_loop().time()
        return slot.session, note

    async def _start_session(self, folder: Folder, owner: int | None) -> Session:
        try:
            return await self._tier.open_session(folder, owner)
        except SandboxUnavailable:
            raise
        except ToolFailed as exc:
            # The fork server may have died a moment ago: once more, with a new one.
            _LOG.warning("sandbox session failed, trying once more reason=%s", exc)
            return await self._tier.open_session(folder, owner)

    async def _make_room(self) -> None:
        live = [slot for slot in self._slots.values() if slot.session is not None]
        if len(live) < self._limits.live_sessions:
            return
        idle = [slot for slot in live if not slot.lock.locked()]
        if not idle:
            raise ToolFailed("Too many code interpreter sessions are busy; try again soon.", code="sandbox_busy")
        await _end(min(idle, key=lambda slot: slot.used_at))

    async def _work(self) -> None:
        try:
            await self._tier.probe()
            await asyncio.to_thread(Folder(self._work_folder, "probe", self._limits).clear_outbox)
        finally:
            self._probed.set()
        _LOG.info("sandbox tier=%s %s", self.tier, self.reason)
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            for slot in list(self._slots.values()):
                await self._watch(slot)
            await asyncio.sleep(max(_WATCH_SECONDS, 4 * (loop.time() - began)))

    async def _watch(self, slot: _Slot) -> None:
        session = slot.session
        if session is None or not session.is_alive:
            return
        if not slot.lock.locked() and self._is_stale(slot):
            await _end(slot)
            return
        limits = self._limits
        allowed = limits.memory_bytes + limits.memory_bytes // 10
        if await asyncio.to_thread(watchdog.tree_memory_bytes, session.pid, allowed) > allowed:
            session.kill(f"the cell used more than {limits.memory_mb} MB of memory and {_RESET}")
        elif slot.lock.locked() and await asyncio.to_thread(slot.folder.is_over, session.pid, slot.disk_allowed):
            slot.is_over_disk = True
            written = f"{limits.disk_mb} MB or {limits.files:,} files"
            session.kill(f"the cell wrote more than {written}: its files were removed, and {_RESET}")

    def _is_stale(self, slot: _Slot) -> bool:
        now = asyncio.get_running_loop().time()
        return now - slot.used_at > self._limits.idle_seconds or now - slot.started_at > self._limits.life_seconds


async def _end(slot: _Slot) -> None:
    session, slot.session = slot.session, None
    if session is not None:
        await session.aclose()

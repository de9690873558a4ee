"""The code interpreter: one confined session per thread, started on first use, closed when idle."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Literal

from app.errors import SandboxUnavailable, ToolFailed

from . import machine
from .attempt import Attempt, TierName
from .folder import Folder
from .limits import Limits
from .port import CellDone, CellEvent, FileMade, InputFile, Logs
from .session import RESET, Session
from .slot import MADE_ROOM, Slot
from .tier import Tier

_LOG = logging.getLogger(__name__)
_WATCH_SECONDS, _WATCH_SECONDS_AT_MOST = 0.15, 1.0
_FIRST_USE_SECONDS = 150.0
_CLOSE_SECONDS = 10.0


class SandboxedInterpreter:
    """A `CodeInterpreter` whose cells run in the best sandbox that holds here, or not at all."""

    def __init__(
        self,
        *,
        choice: str,
        python: Path,
        work_folder: Path,
        limits: Limits | None = None,
        canary: Path | None = None,
        wasm_python: Path = Path(),
        is_unsafe_confirmed: bool = False,
    ) -> None:
        self._limits = limits or Limits()
        self._work_folder = work_folder
        self._tier = Tier(
            choice,
            python,
            work_folder,
            self._limits,
            canary,
            wasm_python=wasm_python,
            is_unsafe_confirmed=is_unsafe_confirmed,
        )
        self._slots: dict[str, Slot] = {}
        self._opening = asyncio.Lock()
        self._probed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def tier(self) -> TierName | Literal["unavailable"]:
        """The tier in force; `unavailable` until it was tried."""
        return "unavailable" if self._tier.reason else self._tier.name

    @property
    def is_tried(self) -> bool:
        """Whether it is known by now where code runs, if it does."""
        return self._probed.is_set()

    @property
    def reason(self) -> str:
        """Why the tier is unavailable, with a remedy; empty otherwise."""
        return self._tier.reason

    @property
    def attempts(self) -> Sequence[Attempt]:
        """The tiers that were tried, best first, each with what came of it."""
        return self._tier.attempts

    @property
    def session_count(self) -> int:
        """How many sessions are alive."""
        return sum(slot.session is not None for slot in self._slots.values())

    @property
    def fork_server_pid(self) -> int | None:
        """The fork server's process number, for measuring."""
        return self._tier.fork_server.pid

    async def start(self) -> None:
        """Begin to try the tier and to watch sessions; returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="code interpreter")

    async def probe(self) -> str:
        """Try the tiers now and return why none holds; empty when one does."""
        await self.start()
        try:
            async with asyncio.timeout(_FIRST_USE_SECONDS):
                await self._probed.wait()
        except TimeoutError:
            return "The sandbox is still being tried. Remedy: ask again in a minute."
        return self._tier.reason

    async def aclose(self) -> None:
        """End every session and the fork server."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for slot in list(self._slots.values()):
            await slot.end()
        self._slots.clear()
        await self._tier.aclose()

    async def run_cell(self, thread_id: str, code: str, files: Sequence[InputFile]) -> AsyncGenerator[CellEvent]:
        """Run `code` in the thread's session; the last event is `CellDone`."""
        await self._require_tier()
        if len(code.encode("utf-8", "replace")) > self._limits.code_bytes:
            yield Logs(f"the code is longer than {self._limits.code_bytes:,} bytes and was not run\n")
            yield CellDone("error")
            return
        async with self._hold(thread_id) as slot, aclosing(self._run(slot, code, files)) as events:
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
                    await slot.end()
        if delete_files:
            await asyncio.to_thread(Folder(self._work_folder, thread_id, self._limits).delete)

    async def _require_tier(self) -> None:
        if reason := await self.probe():
            raise SandboxUnavailable(reason, code="sandbox_unavailable")

    @asynccontextmanager
    async def _hold(self, thread_id: str) -> AsyncGenerator[Slot]:
        """Wait for the thread's slot; one cell at a time runs in it."""
        while True:
            slot = self._slots.get(thread_id)
            if slot is None:
                slot = self._slots[thread_id] = Slot(Folder(self._work_folder, thread_id, self._limits), self._limits)
            async with slot.lock:
                if self._slots.get(thread_id) is slot:  # Else it was closed while we waited.
                    yield slot
                    return

    async def _run(self, slot: Slot, code: str, files: Sequence[InputFile]) -> AsyncGenerator[CellEvent]:
        session, note = await self._open(slot)
        await slot.lay_in(files)
        done = CellDone("reset", RESET)
        try:
            async with aclosing(session.run(code)) as events:
                async for event in events:
                    if isinstance(event, CellDone):
                        done = event
                    else:
                        yield event
        finally:
            slot.touch()
        await slot.shrink()
        async for made in self._collect(slot):
            yield made
        yield CellDone(done.outcome, done.note or note)

    async def _collect(self, slot: Slot) -> AsyncGenerator[FileMade | Logs]:
        taken = await slot.in_thread(slot.folder.take, slot.before)
        for file in taken.files:
            yield file
        for remark in taken.remarks:
            yield Logs(f"[{remark}]\n")

    async def _open(self, slot: Slot) -> tuple[Session, str]:
        """Return the thread's live session, and a note when an earlier one is gone."""
        if slot.session is not None and slot.session.is_alive:
            return slot.session, ""
        note = slot.end_note or (RESET if slot.folder.path.exists() else "")
        async with self._opening:
            await slot.end()
            await slot.shrink()
            await self._make_room()
            session = await self._start_session(slot.folder)
            slot.begin(session)
        return session, note

    async def _start_session(self, folder: Folder) -> Session:
        try:
            return await self._tier.open_session(folder)
        except OSError as exc:
            message = f"The session's files could not be used: {exc.strerror or exc}."
            raise ToolFailed(message, code="sandbox_files") from exc
        except SandboxUnavailable:
            raise
        except ToolFailed as exc:
            # The fork server may have died a moment ago: once more, with a new one.
            _LOG.warning("sandbox session failed, trying once more reason=%s", exc)
            return await self._tier.open_session(folder)

    async def _make_room(self) -> None:
        """Close the oldest idle session where there are too many, or too little memory is left for one more."""
        live = [slot for slot in self._slots.values() if slot.session is not None]
        is_full = len(live) >= self._limits.live_sessions
        if not is_full and await asyncio.to_thread(machine.free_memory_bytes) >= self._limits.least_free_bytes:
            return
        idle = [slot for slot in live if not slot.lock.locked()]
        if idle:
            await min(idle, key=lambda slot: slot.used_at).end(MADE_ROOM)
        elif is_full:
            raise ToolFailed("Too many code interpreter sessions are busy; try again soon.", code="sandbox_busy")

    async def _work(self) -> None:
        """Try the tier, then watch the sessions until the interpreter is closed."""
        try:
            await self._tier.probe()
        except Exception as exc:
            self._tier.reason = f"The sandbox could not be tried: {exc}. Remedy: see the server's log."
            _LOG.exception("sandbox probe failed")
        finally:
            self._probed.set()
        if self.reason:
            _LOG.info("The code interpreter is unavailable: %s", self.reason)
        else:
            _LOG.info("The code interpreter runs in the sandbox tier %s.", self.tier)
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            for slot in list(self._slots.values()):
                await self._watch(slot)
            await asyncio.sleep(min(max(_WATCH_SECONDS, 4 * (loop.time() - began)), _WATCH_SECONDS_AT_MOST))

    async def _watch(self, slot: Slot) -> None:
        try:
            await slot.watch(self._tier.base_memory_bytes)
        except FileNotFoundError:
            _LOG.debug("sandbox session was deleted while it was watched")
        except Exception:
            # The watch over the others must go on.
            _LOG.exception("sandbox watch failed")

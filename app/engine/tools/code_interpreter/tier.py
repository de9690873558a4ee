"""The tier in force: chosen by really starting a session in it that attacks its own jail, best tier first."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import sys
from pathlib import Path

from app.errors import SandboxUnavailable, ToolFailed

from . import owners, watchdog
from .attempt import BEST_FIRST, REMEDIES, Attempt, TierName
from .folder import Folder
from .fork_server import ForkServer, Started
from .limits import Limits
from .replies import Ready
from .session import Session
from .wasm_runtime import WasmRuntime

_LOG = logging.getLogger(__name__)
_PASSED_ON = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
_UNSAFE = (
    "SANDBOX=unsafe runs model-written code with the server's own rights. It needs a second variable, "
    "SANDBOX_UNSAFE=i-know-what-this-means, and a server that listens on this machine only. Remedy: set SANDBOX=auto."
)


class Tier:
    """Starts confined sessions, or says why there are none."""

    def __init__(
        self,
        choice: str,
        python: Path,
        work_folder: Path,
        limits: Limits,
        canary: Path | None,
        *,
        wasm_python: Path,
        is_unsafe_confirmed: bool = False,
    ) -> None:
        self._choice = choice
        self._python = python
        self._work_folder = work_folder
        self._limits = limits
        self._canary = canary or work_folder / "canary"
        self._is_unsafe_confirmed = is_unsafe_confirmed
        self.fork_server = ForkServer(python, work_folder / "cache")
        self._wasm = WasmRuntime(wasm_python, work_folder, limits)
        self.name: TierName = "namespaces"
        self.reason = "The sandbox has not been tried yet."
        self.attempts: list[Attempt] = []
        self.base_memory_bytes = 0

    async def probe(self) -> None:
        """Try each candidate until one holds; sets `reason`, empty when one does."""
        if refusal := self._refuse_choice():
            self.reason = refusal
            return
        await asyncio.to_thread(self._write_canary)
        for name in self._candidates():
            attempt = Attempt(name, await self._try(name))
            self.attempts.append(attempt)
            if not attempt.reason:
                self.name, self.reason = name, ""
                return
        self.reason = self._explain()

    def _candidates(self) -> tuple[TierName, ...]:
        named: tuple[TierName, ...] = tuple(name for name in (*BEST_FIRST, "unsafe") if name == self._choice)
        return named or BEST_FIRST

    async def _try(self, name: TierName) -> str:
        """Start a session in the tier, let it attack itself, and end it; return why the tier does not hold."""
        if name == "wasm" and self._wasm.reason:
            return self._wasm.reason
        if name == "uid" and os.geteuid() != 0:
            return "only root can give each session a user of its own"
        folder = Folder(self._work_folder, f"probe-{name}", self._limits)
        self.name = name
        try:
            session = await self.open_session(folder)
        except SandboxUnavailable:
            return self.reason
        except (ToolFailed, OSError) as exc:
            return str(exc)
        self.base_memory_bytes = await asyncio.to_thread(watchdog.tree_memory_bytes, session.pid, 0)
        await session.aclose()
        await asyncio.to_thread(folder.delete)
        await asyncio.to_thread(folder.clear_outbox)
        return ""

    def _refuse_choice(self) -> str:
        if self._choice == "off":
            return "The code interpreter is switched off. Remedy: set SANDBOX=auto and start again."
        if self._choice not in {"auto", "unsafe", *BEST_FIRST}:
            return f"There is no sandbox tier {self._choice!r}. Remedy: set SANDBOX=auto."
        if self._choice == "unsafe" and not self._is_unsafe_confirmed:
            return _UNSAFE
        if sys.platform != "linux":
            return f"The code interpreter needs Linux, this is {sys.platform}. Remedy: run the server on Linux."
        if self._choice != "wasm" and not self._python.exists():
            return f"The sandbox's own Python is missing ({self._python}). Remedy: run `make install`."
        return ""

    def _explain(self) -> str:
        """Say why nothing is left, and what to do about the best of what was tried."""
        if self._choice != "auto":
            last = self.attempts[-1]
            return f"The {last.tier} sandbox does not work here: {last.reason}. Remedy: {last.remedy}"
        tried = "; ".join(str(attempt) for attempt in self.attempts)
        return f"No sandbox holds here: {tried}. Remedy: {REMEDIES['namespaces']}"

    def _write_canary(self) -> None:
        self._work_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._canary.exists():
            self._canary.write_text(secrets.token_hex(16), encoding="ascii")
            self._canary.chmod(0o600)

    async def open_session(self, folder: Folder) -> Session:
        """Start a session on the folder; a hole in the jail makes the tier unusable from then on."""
        owner = await asyncio.to_thread(folder.prepare, own_user=self.name in {"namespaces", "uid"})
        if self.name != "wasm":
            await self.fork_server.boot()
        session = await self._start(folder, owner)
        try:
            answer = await session.wait_ready()
        except BaseException:
            session.kill()
            raise
        if isinstance(answer, Ready):
            return session
        await session.aclose()
        reasons = "; ".join(answer.reasons)
        if answer.has_hole:
            self.reason = f"The {self.name} sandbox has a hole: {reasons}. Remedy: {REMEDIES[self.name]}"
            _LOG.error("sandbox refused tier=%s reasons=%s", self.name, reasons)
            raise SandboxUnavailable(self.reason, code="sandbox_unavailable")
        raise ToolFailed(f"a session could not be started: {reasons}", code="sandbox_failed")

    async def _start(self, folder: Folder, owner: int | None) -> Session:
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe2(os.O_CLOEXEC)
        ours.setblocking(False)
        os.set_blocking(read_end, False)
        try:
            with theirs:
                started = await self._start_process(folder, owner, theirs.fileno(), write_end)
        except BaseException:
            ours.close()
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        return Session(
            started,
            ours,
            read_end,
            self._limits,
            ends_at_once=self.name in {"namespaces", "wasm"},
            can_be_interrupted=self.name != "wasm",
        )

    async def _start_process(self, folder: Folder, owner: int | None, frames_end: int, output: int) -> Started:
        if self.name == "wasm":
            return await asyncio.to_thread(
                self._wasm.start, folder.path, folder.scratch, self._canary, frames_end, output
            )
        return await self.fork_server.start_session(self._request(folder, owner), [frames_end, output])

    async def aclose(self) -> None:
        """End what the sessions were started from."""
        await self.fork_server.aclose()
        await asyncio.to_thread(self._wasm.close)

    def _request(self, folder: Folder, owner: int | None) -> dict[str, object]:
        return {
            "tier": self.name,
            "folder": str(folder.path.absolute()),
            "scratch": str(folder.scratch.absolute()),
            "owner": owner,
            "striker": 0 if owner is None else owners.striker_of(owner),
            "memory_bytes": self._limits.memory_bytes,
            "disk_bytes": self._limits.disk_bytes,
            "canary": str(self._canary.absolute()),
            "server_pid": os.getpid(),
            "environment": {name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        }

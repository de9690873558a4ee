"""The namespaces tier, judged by what it does: a session is started in it and attacks its own jail."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import sys
from pathlib import Path

from app.errors import SandboxUnavailable, ToolFailed

from . import watchdog
from .folder import Folder
from .fork_server import ForkServer
from .limits import Limits
from .replies import Ready
from .session import Session

_LOG = logging.getLogger(__name__)
_BUILT = ("auto", "namespaces")
_PASSED_ON = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
_REMEDY = "Remedy: run the server as root, or as a user who may create user namespaces, on Linux 5.12 or newer."


class Tier:
    """Starts confined sessions, or says why there are none."""

    def __init__(self, choice: str, python: Path, work_folder: Path, limits: Limits, canary: Path | None) -> None:
        self._choice = choice
        self._python = python
        self._work_folder = work_folder
        self._limits = limits
        self._canary = canary or work_folder / "canary"
        self.fork_server = ForkServer(python, work_folder / "cache")
        self.reason = "The sandbox has not been tried yet."
        self.base_memory_bytes = 0

    async def probe(self) -> None:
        """Start a session, let it attack itself, and end it; sets `reason`, empty when the tier holds."""
        try:
            self.reason = self._refuse_choice()
            if self.reason:
                return
            await asyncio.to_thread(self._write_canary)
            folder = Folder(self._work_folder, "probe", self._limits)
            owner = await asyncio.to_thread(folder.prepare)
            session = await self.open_session(folder, owner)
        except SandboxUnavailable:
            return
        except (ToolFailed, OSError) as exc:
            self.reason = f"The namespaces sandbox does not work here: {exc}. {_REMEDY}"
            return
        pid = session.pid
        self.base_memory_bytes = await asyncio.to_thread(watchdog.tree_memory_bytes, pid, 0)
        await session.aclose()
        await asyncio.to_thread(folder.clear_outbox)

    def _refuse_choice(self) -> str:
        if self._choice == "off":
            return "The code interpreter is switched off. Remedy: set SANDBOX=auto and start again."
        if self._choice not in _BUILT:
            return f"This version has no sandbox of the kind {self._choice!r}. Remedy: set SANDBOX=auto or namespaces."
        if sys.platform != "linux":
            return f"The namespaces sandbox needs Linux, this is {sys.platform}. Remedy: run the server on Linux."
        if not self._python.exists():
            return f"The sandbox's own Python is missing ({self._python}). Remedy: run `make install`."
        return ""

    def _write_canary(self) -> None:
        self._work_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._canary.exists():
            self._canary.write_text(secrets.token_hex(16), encoding="ascii")

    async def open_session(self, folder: Folder, owner: int | None) -> Session:
        """Start a session on the folder; a hole in the jail makes the tier unusable from then on."""
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
            self.reason = f"The namespaces sandbox has a hole: {reasons}. {_REMEDY}"
            _LOG.error("sandbox refused reasons=%s", reasons)
            raise SandboxUnavailable(self.reason, code="sandbox_unavailable")
        raise ToolFailed(f"a session could not be started: {reasons}", code="sandbox_failed")

    async def _start(self, folder: Folder, owner: int | None) -> Session:
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe2(os.O_CLOEXEC)
        ours.setblocking(False)
        os.set_blocking(read_end, False)
        try:
            with theirs:
                started = await self.fork_server.start_session(
                    self._request(folder, owner), [theirs.fileno(), write_end]
                )
        except BaseException:
            ours.close()
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        return Session(started, ours, read_end, self._limits)

    def _request(self, folder: Folder, owner: int | None) -> dict[str, object]:
        return {
            "folder": str(folder.path.absolute()),
            "owner": owner,
            "memory_bytes": self._limits.memory_bytes,
            "disk_bytes": self._limits.disk_bytes,
            "canary": str(self._canary.absolute()),
            "server_pid": os.getpid(),
            "environment": {name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        }

"""The server's end of the fork server: it boots it, asks it for sessions, and notices its death."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from app.errors import ToolFailed

_HERE = Path(__file__).resolve().parent
_START = "import sys; sys.path.insert(0, sys.argv[1]); from jail import zygote; sys.path.pop(0); zygote.main()"
_BOOT_SECONDS = 120.0
_SPAWN_SECONDS = 15.0
_MAX_PACKET = 65536
_PASSED_ON = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TZ")


@dataclass(frozen=True, slots=True)
class Started:
    """A session's init process: its number, and a descriptor that stays right when the number is used again."""

    pid: int
    pidfd: int


class ForkServer:
    """One process of the sandbox's Python that forks confined kernels."""

    def __init__(self, python: Path, cache_folder: Path) -> None:
        self._python = python
        self._cache_folder = cache_folder
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._booted: asyncio.Future[None] | None = None
        self._waiting: dict[int, asyncio.Future[Started]] = {}
        self._numbers = count(1)

    @property
    def is_alive(self) -> bool:
        """Say whether the process runs and listens."""
        return self._control is not None

    @property
    def pid(self) -> int | None:
        """The process number, for measuring."""
        return None if self._process is None else self._process.pid

    async def boot(self) -> None:
        """Start the process and wait until it has imported its libraries."""
        if self.is_alive:
            return
        await self.aclose()
        self._cache_folder.mkdir(parents=True, exist_ok=True)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = self._spawn_process(theirs)
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        self._control, self._booted = ours, loop.create_future()
        loop.add_reader(ours.fileno(), self._on_packet)
        try:
            async with asyncio.timeout(_BOOT_SECONDS):
                await self._booted
        except TimeoutError as exc:
            await self.aclose()
            raise ToolFailed("The code interpreter's Python did not start in time.", code="sandbox_failed") from exc

    async def start_session(self, request: dict[str, object], descriptors: Sequence[int]) -> Started:
        """Fork a kernel that holds `descriptors`; the caller closes its own copies."""
        if self._control is None:
            raise ToolFailed("The code interpreter's fork server is not running.", code="sandbox_failed")
        number = next(self._numbers)
        answer: asyncio.Future[Started] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            packet = json.dumps({"id": number, **request}).encode()
            socket.send_fds(self._control, [packet], descriptors)
            async with asyncio.timeout(_SPAWN_SECONDS):
                return await answer
        except (OSError, TimeoutError) as exc:
            raise ToolFailed(f"The code interpreter could not start a session: {exc}", code="sandbox_failed") from exc
        finally:
            del self._waiting[number]

    async def aclose(self) -> None:
        """End the process and with it every session."""
        self._disconnect()
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.to_thread(process.wait, 10)

    def _spawn_process(self, control: socket.socket) -> subprocess.Popen[bytes]:
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self._cache_folder),
            "MPLCONFIGDIR": str(self._cache_folder / "matplotlib"),
            "MPLBACKEND": "Agg",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            **kept,
        }
        try:
            return subprocess.Popen(  # noqa: S603 - our own command, no shell.
                [str(self._python), "-I", "-B", "-c", _START, str(_HERE)],
                stdin=control.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=environment,
            )
        except OSError as exc:
            raise ToolFailed(f"The code interpreter's Python can't be started: {exc}", code="sandbox_failed") from exc

    def _on_packet(self) -> None:
        if self._control is None:
            return
        try:
            packet, descriptors, _, _ = socket.recv_fds(self._control, _MAX_PACKET, 1)
        except BlockingIOError:
            return
        except OSError:
            packet, descriptors = b"", []
        if not packet:
            self._disconnect()
            return
        self._handle(json.loads(packet), descriptors)

    def _handle(self, reply: dict[str, object], descriptors: list[int]) -> None:
        match reply:
            case {"event": "booted"}:
                if self._booted is not None and not self._booted.done():
                    self._booted.set_result(None)
            case {"event": "started", "id": int(number), "pid": int(pid)} if descriptors:
                answer = self._waiting.get(number)
                if answer is None or answer.done():
                    os.close(descriptors[0])
                else:
                    answer.set_result(Started(pid, descriptors[0]))
            case {"event": "failed", "id": int(number), "reason": str(reason)}:
                self._fail(self._waiting.get(number), reason)
            case _:
                self._disconnect()

    def _disconnect(self) -> None:
        control, self._control = self._control, None
        if control is None:
            return
        asyncio.get_running_loop().remove_reader(control.fileno())
        control.close()
        for waiting in (self._booted, *self._waiting.values()):
            self._fail(waiting, "its fork server ended")

    @staticmethod
    def _fail(waiting: asyncio.Future[Started] | asyncio.Future[None] | None, reason: str) -> None:
        if waiting is not None and not waiting.done():
            message = f"The code interpreter could not start: {reason}"
            waiting.set_exception(ToolFailed(message, code="sandbox_failed"))

"""The WebAssembly tier's processes: one per session, each with a CPython of its own inside wasmtime."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from app.errors import ToolFailed

from .fork_server import Started
from .limits import Limits

_HERE = Path(__file__).resolve().parent
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from jail import wasm; sys.path.pop(0); wasm.main()"
_REAP_SECONDS = 10.0


class WasmRuntime:
    """Starts sessions with an optional environment that `make install-wasm` sets up."""

    def __init__(self, python: Path, work_folder: Path, limits: Limits) -> None:
        self._python = python
        self._cache = python.parent.parent / "cache"
        self._private = work_folder / "machines"
        self._limits = limits
        self._waiting: list[threading.Thread] = []

    @property
    def reason(self) -> str:
        """Why the tier can't be used; empty when its runtime is installed and compiled."""
        if not self._python.is_file():
            return "its runtime is not installed"
        if not any(self._cache.glob("*.cwasm")):
            return "its runtime has not been compiled"
        if self._cache.stat().st_uid != os.geteuid():
            return "its runtime was compiled by another user, whose native code is not run"
        return ""

    def start(self, folder: Path, scratch: Path, canary: Path, frames_end: int, output: int) -> Started:
        """Start a session's process, which inherits its end of the frames and of the output."""
        request = {
            "descriptor": frames_end,
            "folder": str(folder.resolve()),
            "scratch": str(scratch.resolve()),
            "cache": str(self._cache.resolve()),
            "canary": str(canary.absolute()),
            "memory_bytes": self._limits.memory_bytes,
            "disk_bytes": self._limits.disk_bytes,
            "output_bytes": self._limits.output_bytes,
            "deadline_seconds": self._limits.cell_seconds + 2 * self._limits.grace_seconds,
        }
        private = self._make_private()
        try:
            process = subprocess.Popen(  # noqa: S603 - our own command, no shell.
                [str(self._python), "-I", "-B", "-c", _START, str(_HERE), json.dumps(request)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                pass_fds=[frames_end],
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(self._cache.resolve()), "TMPDIR": private},
            )
        except OSError as exc:
            shutil.rmtree(private, ignore_errors=True)
            raise ToolFailed(f"The WebAssembly runtime can't be started: {exc}", code="sandbox_failed") from exc
        pidfd = os.pidfd_open(process.pid)
        self._waiting = [thread for thread in self._waiting if thread.is_alive()]
        self._waiting.append(threading.Thread(target=_clean_up, args=(process, private), daemon=True))
        self._waiting[-1].start()
        return Started(process.pid, pidfd)

    def _make_private(self) -> str:
        """Make a folder for the runtime's own copy of its library, out of the sessions' reach."""
        if not self._waiting and self._private.exists():
            shutil.rmtree(self._private)  # What a server that was killed left behind.
        self._private.mkdir(exist_ok=True, mode=0o700)
        return tempfile.mkdtemp(dir=self._private.resolve())

    def close(self) -> None:
        """Wait for the processes of sessions that have ended."""
        for thread in self._waiting:
            thread.join(_REAP_SECONDS)


def _clean_up(process: subprocess.Popen[bytes], private: str) -> None:
    """Wait for a session's end, then delete the runtime's copy of its library."""
    process.wait()
    shutil.rmtree(private, ignore_errors=True)

"""The whole program in a process of its own, which a test may measure or kill."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from app.settings import ROOT, Settings

_START_SECONDS = 60.0
_RUN_SECONDS = 20.0
QUIET = {"BUILTIN_MODEL": "off", "OLLAMA_BASE_URL": "off", "SANDBOX": "off"}
_OURS = {field.alias for field in Settings.model_fields.values()}


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """The running program."""

    process: subprocess.Popen[bytes]
    url: str

    def kill(self) -> None:
        """Take it away at once, without a chance to tidy up."""
        self.process.kill()
        self.process.wait()


@contextmanager
def server_process(data_dir: Path, **settings: str) -> Iterator[ServerProcess]:
    """Start the program on a free port; kill it when the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    command = [sys.executable, "-m", "app", "--port", str(port), "--data-dir", str(data_dir)]
    process = subprocess.Popen(command, cwd=ROOT, env={**environment, **QUIET, **settings})  # noqa: S603
    server = ServerProcess(process, f"http://127.0.0.1:{port}")
    try:
        _wait_until_healthy(server)
        yield server
    finally:
        server.kill()


def settled(client: httpx2.Client, run_path: str) -> dict[str, Any]:
    """Wait until nobody works on the run at that path any more; return it."""
    end = time.monotonic() + _RUN_SECONDS
    while time.monotonic() < end:
        found: dict[str, Any] = client.get(run_path).json()
        if found["status"] not in ("queued", "in_progress"):
            return found
        time.sleep(0.05)
    raise TimeoutError(run_path)


def _wait_until_healthy(server: ServerProcess) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            httpx2.get(f"{server.url}/health", timeout=5, trust_env=False).raise_for_status()
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    message = f"the server did not start within {_START_SECONDS} s"
    raise TimeoutError(message)

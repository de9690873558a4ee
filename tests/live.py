"""Real servers for tests: an application under uvicorn on a free port, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp

from app.settings import Settings
from tests.processes import QUIET

_START_SECONDS = 30.0


def quiet_settings(data_dir: Path, **named: Any) -> Settings:
    """Return settings without a model and a sandbox of the machine's own, with those that are named."""
    given: dict[str, Any] = {**QUIET, **named}
    return Settings(data_dir=data_dir, **given)


@contextmanager
def serve(app: ASGIApp, http: Literal["auto"] | type[asyncio.Protocol] = "auto") -> Iterator[str]:
    """Run `app` until the block ends; yield its base URL."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", timeout_graceful_shutdown=2, http=http))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _wait_until_started(server)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        listener.close()


def _wait_until_started(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if time.monotonic() > deadline:
            message = f"the server did not start within {_START_SECONDS} s"
            raise TimeoutError(message)
        time.sleep(0.01)

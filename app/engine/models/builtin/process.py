"""The model's process: loaded on first use, lent to one user at a time, unloaded when idle, restarted when it dies."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from app.engine.models.builtin.catalogue import Template
from app.engine.models.builtin.completion import Completer, ServerCompleter
from app.errors import UpstreamFailed
from app.settings import ROOT

_log = logging.getLogger(__name__)

_LINE_LIMIT = 10_000
_START_SECONDS = 180.0
_STOP_SECONDS = 5.0


def serve_command(model: Path, *, context: int, threads: int) -> list[str]:
    """Return the command that serves `model`."""
    module = "app.engine.models.builtin.serve"
    options = ["--model", str(model.absolute()), "--context", str(context), "--threads", str(threads)]
    return [sys.executable, "-m", module, *options]


class ModelProcess:
    """Runs the command that `command` returns and lends what it serves."""

    def __init__(
        self,
        command: Callable[[], Sequence[str]],
        *,
        idle_seconds: float,
        start_seconds: float = _START_SECONDS,
        template: Template = "chatml",
    ) -> None:
        self._template = template
        self._command = command
        self._idle_seconds = idle_seconds
        self._start_seconds = start_seconds
        # A request waits here while another one runs: a second one at a time would slow both to a crawl.
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._completer: Completer | None = None
        self._last_used = time.monotonic()

    @property
    def is_loaded(self) -> bool:
        """Tell whether the process runs."""
        return self._process is not None and self._process.returncode is None

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Completer]:
        """Wait for the model's turn, start the process where needed, and lend it."""
        async with self._turn:
            try:
                yield await self._running()
            except UpstreamFailed as exc:
                if exc.code == "server_error":
                    await self._stop()
                raise
            finally:
                self._last_used = time.monotonic()

    async def unload_when_idle(self) -> None:
        """Stop the process whenever it was not used for the idle time; runs until it is cancelled."""
        while True:
            idle = time.monotonic() - self._last_used
            if self.is_loaded and not self._turn.locked() and idle >= self._idle_seconds:
                async with self._turn:
                    await self._stop()
                _log.info("The built-in model was idle and is unloaded.")
            await anyio.sleep(min(self._idle_seconds / 4, 15.0))

    async def close(self) -> None:
        """Stop the process."""
        await self._stop()

    async def _running(self) -> Completer:
        if self._completer is None or not self.is_loaded:
            await self._stop()
            self._completer = await self._start()
        return self._completer

    async def _start(self) -> Completer:
        key = secrets.token_urlsafe(24)
        started = time.monotonic()
        try:
            with anyio.fail_after(self._start_seconds):
                self._process = await _spawn(self._command())
                url = await _hand_over(self._process, key)
        except TimeoutError as exc:
            await self._stop()
            raise _not_started(f"it was not ready after {self._start_seconds:.0f} seconds") from exc
        except BaseException:
            await self._stop()
            raise
        _log.info("The built-in model is loaded (%.1f s).", time.monotonic() - started)
        return ServerCompleter(url, key, self._template)

    async def _stop(self) -> None:
        process, self._process, self._completer = self._process, None, None
        if process is None:
            return
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(_STOP_SECONDS):
                if process.returncode is None:
                    process.kill()
                await process.wait()
            await process.aclose()


async def _spawn(command: Sequence[str]) -> Process:
    # A session of its own keeps Ctrl-C in the terminal from reaching it before the server has ended its runs.
    return await anyio.open_process(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        start_new_session=True,
    )


async def _hand_over(process: Process, key: str) -> str:
    """Give the process its key and return the URL that it answers with."""
    if process.stdin is None or process.stdout is None:
        raise _not_started("it has no pipes")
    try:
        await process.stdin.send(f"{key}\n".encode())
        line = await BufferedByteReceiveStream(process.stdout).receive_until(b"\n", _LINE_LIMIT)
    except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError, anyio.DelimiterNotFound) as exc:
        raise _not_started("its process ended at once") from exc
    answer = json.loads(line)
    if "url" not in answer:
        raise _not_started(str(answer.get("error", "no reason given")))
    return str(answer["url"])


def _not_started(reason: str) -> UpstreamFailed:
    return UpstreamFailed(
        f"The built-in model could not be started: {reason}. Connect another provider, or check BUILTIN_MODEL.",
        code="server_error",
    )

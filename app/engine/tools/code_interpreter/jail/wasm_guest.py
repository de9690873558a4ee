"""What runs inside the WebAssembly machine: its own attack on the walls, then cells. Its only way out is a call."""

from __future__ import annotations

import asyncio
import io
import os
import selectors
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

_OUTPUT, _FIGURE, _DONE, _HOLES = b"o", b"f", b"d", b"h"
_PIECE = 65536


class Output(io.RawIOBase):
    """A stream that the machine's host reads while the cell prints."""

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Hand the bytes over, a piece at a time."""
        piece = bytes(memoryview(data)[:_PIECE])
        _call(_OUTPUT + piece)
        return len(piece)


class Loop(asyncio.SelectorEventLoop):
    """An event loop for one thread without sockets: nothing can wake it, so it needs no pipe to itself."""

    def __init__(self) -> None:
        super().__init__(Sleeper())

    def _make_self_pipe(self) -> None:
        """Make none."""

    def _close_self_pipe(self) -> None:
        """Close none."""


class Sleeper(selectors.SelectSelector):
    """A selector with nothing to select: it waits."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Sleep until the next timer is due."""
        if timeout is None:
            raise RuntimeError("this would wait for ever")
        time.sleep(max(timeout, 0))
        return []


def find_holes(canary: str) -> None:
    """Tell the host of each attack that succeeded."""
    attacks: dict[str, Callable[[], object]] = {
        "a file of the server was readable": lambda: _read(canary),
        "/etc/shadow was readable": lambda: _read("/etc/shadow"),
        "the system was writable": lambda: os.close(os.open("/.sandbox", os.O_CREAT | os.O_WRONLY)),
        "the library was writable": lambda: os.close(os.open("/usr/local/lib/.sandbox", os.O_CREAT | os.O_WRONLY)),
        "the folder above was readable": lambda: os.listdir("/mnt/data/.."),
        "a process could be started": lambda: subprocess.run(["true"], check=False, timeout=5),  # noqa: S607 - an attack.
        "the network could be used": lambda: socket.create_connection(("127.0.0.1", 9), 1),
        "a socket could be opened": lambda: socket.socket().bind(("127.0.0.1", 0)),
    }
    for sentence, attack in attacks.items():
        if _succeeds(attack):
            _call(_HOLES + sentence.encode())


def prepare() -> None:
    """Give the session its streams and its folder."""
    for name in ("stdout", "stderr"):
        stream = io.TextIOWrapper(
            io.BufferedWriter(Output()), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
    setattr(asyncio.events, "new_event_loop", Loop)  # noqa: B010 - the machine's own copy; there are no sockets.
    warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")  # Shown when the cell ends.
    os.chdir("/mnt/data")
    sys.path.insert(0, "/mnt/data")
    sys.argv = [""]


def run(code: str) -> None:
    """Run one cell and tell the host what came of it."""
    trouble = _CELLS.run(code)
    trouble += _send_figures()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    data = trouble.encode("utf-8", "backslashreplace")
    for start in range(0, len(data), _PIECE):
        _call(_OUTPUT + data[start : start + _PIECE])
    _call(_DONE + (b"error" if trouble else b"ok"))


def _send_figures() -> str:
    figures = import_module("sandbox_figures")
    try:
        for png in figures.take_open_figures():
            _call(_FIGURE + png)
    except figures.FigureProblem as exc:
        return f"{exc}\n"
    except Exception as exc:  # a figure may fail in as many ways as a cell.
        return str(import_module("sandbox_cell").describe(exc))
    return ""


def _succeeds(attack: Callable[[], object]) -> bool:
    try:
        attack()
    except (OSError, AttributeError, ValueError):
        return False
    return True


def _read(path: str) -> None:
    with open(path, "rb") as file:
        file.read(1)


_call = import_module("_host").call
_CELLS = import_module("sandbox_cell").Cells()

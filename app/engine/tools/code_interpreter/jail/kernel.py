"""The loop of one session: a frame with code comes in; output, figures and the end of the cell go out."""

from __future__ import annotations

import base64
import contextlib
import gc
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from types import FrameType

from . import cell, figures, frames, system
from .request import DATA_DESCRIPTOR, SCRATCH_DESCRIPTOR

_INSIDE_ENVIRONMENT = {
    "HOME": "/home/sandbox",
    "USER": "sandbox",
    "LOGNAME": "sandbox",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",  # noqa: S108 - the session's own.
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/home/sandbox/.config/matplotlib",
}


class Interrupts:
    """Turns SIGINT into KeyboardInterrupt while a cell runs, and into nothing between cells."""

    def __init__(self) -> None:
        self.armed = False

    def install(self) -> None:
        """Take the signal back, should a cell have taken it."""
        signal.signal(signal.SIGINT, self._handle)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing interrupt a frame half-way; an interrupt that comes meanwhile is lost."""
        self.armed = False
        yield
        self.armed = True

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.armed:
            raise KeyboardInterrupt


def serve(descriptor: int, environment: dict[str, str]) -> None:
    """Answer requests until the server closes its end."""
    _prepare(environment)
    me = os.getpid()
    cells, interrupts = cell.Cells(), Interrupts()
    interrupts.install()
    frames.write_frame(descriptor, {"id": 0, "event": "ready"})
    while (request := frames.read_frame(descriptor)) is not None:
        answer = _run(descriptor, cells, interrupts, request)
        if os.getpid() != me:
            os._exit(0)  # A forked child that came back from the cell's code has no business here.
        frames.write_frame(descriptor, answer)


def _prepare(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(_INSIDE_ENVIRONMENT, PATH=f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin", **environment)
    os.umask(0o022)
    tempfile.tempdir = None  # The fork server's is not this session's.
    _pass_folders_on()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open as long as the kernel.
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    sys.argv = [""]
    sys.path.insert(0, "/mnt/data")
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    gc.enable()


def _pass_folders_on() -> None:
    """Let programs that a cell starts inherit the descriptors behind `/mnt/data`, where there are such."""
    held = tuple(
        number for number in (DATA_DESCRIPTOR, SCRATCH_DESCRIPTOR) if os.path.exists(f"/proc/self/fd/{number}")
    )
    start = subprocess.Popen.__init__
    start.__defaults__ = tuple(held if value == () else value for value in start.__defaults__ or ())


def _run(descriptor: int, cells: cell.Cells, interrupts: Interrupts, request: dict[str, object]) -> dict[str, object]:
    number, me, trouble = request["id"], os.getpid(), ""
    interrupts.install()
    try:
        interrupts.armed = True
        trouble = cells.run(str(request["code"]))
        if os.getpid() == me:
            trouble += _send_figures(descriptor, interrupts, number)
        interrupts.armed = False
    except KeyboardInterrupt as exc:
        interrupts.armed = False
        trouble += cell.describe(exc)
    _write_out(trouble)
    return {"id": number, "event": "done", "outcome": "error" if trouble else "ok"}


def _send_figures(descriptor: int, interrupts: Interrupts, number: object) -> str:
    try:
        for png in figures.take_open_figures():
            text = base64.b64encode(png).decode()
            with interrupts.held():
                frames.write_frame(descriptor, {"id": number, "event": "figure", "png": text})
    except figures.FigureProblem as exc:
        return f"{exc}\n"
    except KeyboardInterrupt:
        raise
    except BaseException as exc:  # a figure may fail in as many ways as a cell.
        return cell.describe(exc)
    return ""


def _write_out(trouble: str) -> None:
    """Flush what was printed, C libraries included, then add the traceback."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    system.libc().fflush(None)
    with contextlib.suppress(OSError):
        data = memoryview(trouble.encode("utf-8", "backslashreplace"))
        while data:
            data = data[os.write(2, data) :]

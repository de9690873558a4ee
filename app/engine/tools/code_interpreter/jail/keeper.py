"""A session's first process: it reaps, passes the interrupt on, and takes the whole family with it when it ends.

With a process namespace the kernel does the last part. Without one the keeper is the subreaper of everything that the
session starts, out of its reach: another user (uid), or behind Landlock and the filter (landlock).
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import NoReturn

from .request import Request

SIGNALS = {signal.SIGCHLD, signal.SIGUSR1, signal.SIGTERM}
_END_SECONDS = 5.0


def keep(child: int, request: Request) -> NoReturn:
    """Wait for the kernel's end or for the order to end; the signals must be blocked."""
    while True:
        number = signal.sigwait(SIGNALS)
        if number == signal.SIGUSR1:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGINT)
        elif number == signal.SIGTERM or child in _reap():
            break
    if not request.has_own_mounts:
        _end_family(request)
    os._exit(0)


def _reap() -> set[int]:
    ended: set[int] = set()
    with contextlib.suppress(ChildProcessError):
        while pid := os.waitpid(-1, os.WNOHANG)[0]:
            ended.add(pid)
    return ended


def _end_family(request: Request) -> None:
    """Kill until nobody is left; orphans of the killed arrive here as children."""
    deadline = time.monotonic() + _END_SECONDS
    while time.monotonic() < deadline:
        if request.tier == "uid" and request.owner is not None:
            _strike(request.owner, request.striker)
        for pid in _children():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        _reap()
        if not _children():
            return
        time.sleep(0.001)


def _children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as children:
        return [int(pid) for pid in children.read().split()]


def _strike(owner: int, striker: int) -> None:
    """Kill every process of the session's user at once, before any of them can fork again.

    The striker may signal the owner's processes by its effective user; they may not signal it, since its real and saved
    user is one that nobody has.
    """
    if min(owner, striker) <= 0 or owner == striker:
        return
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(striker, striker, striker)
            os.setresuid(striker, owner, striker)
            if os.getresuid() == (striker, owner, striker):
                os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)

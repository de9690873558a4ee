"""The start of one session: from the fork server to a keeper with a confined kernel below it.

```
namespaces      zygote ── clone into new namespaces ── keeper (pid 1, confined) ── fork ── kernel (pid 2)
uid, landlock   zygote ── fork ── keeper (not confined, out of the kernel's reach) ── fork ── kernel (confined)
```
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence
from typing import NoReturn

from . import frames, handshake, keeper, kernel, layers, limits, namespaces, selftest, system
from .handshake import Line
from .request import SCRATCH_DESCRIPTOR, Request


def start(message: dict[str, object], received: Sequence[int]) -> tuple[int, int]:
    """Start a session and return its keeper's process number and descriptor."""
    fields = {name: message[name] for name in Request.__dataclass_fields__}
    request = Request(**fields)  # type: ignore[arg-type]  # The server made it from the same fields.
    frames_end, output = received
    ours, theirs = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
    identity = os.geteuid(), os.getegid()
    pid = _fork(request)
    if pid == 0:
        _run_keeper(request, [frames_end, output, theirs[0], ours[1]])
    os.close(ours[1])
    os.close(theirs[0])
    try:
        pidfd = os.pidfd_open(pid)
        if request.has_own_mounts:
            user, group = identity if request.owner is None else (request.owner, request.owner)
            handshake.map_users(pid, user, group, ours[0], theirs[1])
        handshake.wait_byte(ours[0])  # Now it would die with us.
    finally:
        os.close(ours[0])
        os.close(theirs[1])
    return pid, pidfd


def _fork(request: Request) -> int:
    if not request.has_own_mounts:
        return os.fork()
    own_user = namespaces.CLONE_NEWUSER if request.owner is None else 0
    return namespaces.clone(namespaces.ALL_BUT_USER | own_user)


def _run_keeper(request: Request, descriptors: list[int]) -> NoReturn:
    layer = "start"
    frames_end = descriptors[0]
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        frames_end, output, line_in, line_out = _keep_only(descriptors)
        os.setsid()
        if request.has_own_mounts:
            system.prctl(system.PR_SET_DUMPABLE, 1)  # Else its own /proc files are closed to it; back to 0 later.
            limits.offer_to_the_out_of_memory_killer()
        for name, apply in layers.of_keeper(request, Line(line_in, line_out)):
            layer = name
            apply()
        layer = "fork"
        signal.pthread_sigmask(signal.SIG_BLOCK, keeper.SIGNALS)
        child = os.fork()
        if child == 0:
            _run_kernel(request, frames_end, output)
        os.close(frames_end)
        os.close(output)
        keeper.keep(child, request)
    except BaseException as exc:  # the last word of a process that ends here.
        _say(frames_end, "failed", [f"{layer}: {exc}"])
    os._exit(1)


def _keep_only(descriptors: list[int]) -> list[int]:
    """Move the descriptors to 3 and up, null to 0-2, and close everything else."""
    high = [os.dup2(descriptor, 100 + index) for index, descriptor in enumerate(descriptors)]
    null = os.open("/dev/null", os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    kept = [os.dup2(descriptor, 3 + index, inheritable=False) for index, descriptor in enumerate(high)]
    os.closerange(3 + len(kept), 4096)
    return kept


def _run_kernel(request: Request, frames_end: int, output: int) -> NoReturn:
    layer = "kernel"
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        os.setpgid(0, 0)
        if not request.has_own_mounts:
            system.prctl(system.PR_SET_DUMPABLE, 1)  # As in the keeper of a session with mounts.
            limits.offer_to_the_out_of_memory_killer()
        for name, apply in layers.of_kernel(request):
            layer = name
            apply()
        system.prctl(system.PR_SET_DUMPABLE, 1)
        layer = "self-test"
        _test_self(request, frames_end)
    except BaseException as exc:  # as above.
        _say(frames_end, "failed", [f"{layer}: {exc}"])
        os._exit(1)
    null = os.open("/dev/null", os.O_RDONLY)  # The jail's own, in place of the one from before.
    os.dup2(null, 0)
    os.close(null)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    kernel.serve(frames_end, request.environment | _places(request))
    os._exit(0)


def _test_self(request: Request, frames_end: int) -> None:
    """End here when the jail does not hold, or when the session could not do its work in it."""
    holes = [] if request.tier == "unsafe" else selftest.find_holes(request.canary, request.server_pid)
    if holes:
        _say(frames_end, "refused", holes)
        os._exit(1)
    if not request.has_own_mounts:
        selftest.check_places(must_link=request.tier != "unsafe")


def _places(request: Request) -> dict[str, str]:
    """Return where a session without mounts of its own finds its home and its scratch space."""
    if request.has_own_mounts:
        return {}
    scratch = f"/proc/self/fd/{SCRATCH_DESCRIPTOR}"
    return {"HOME": scratch, "TMPDIR": scratch, "MPLCONFIGDIR": f"{scratch}/.config/matplotlib"}


def _say(frames_end: int, event: str, reasons: list[str]) -> None:
    with contextlib.suppress(OSError):
        frames.write_frame(frames_end, {"id": 0, "event": event, "reasons": reasons})

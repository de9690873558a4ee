"""The start of one session: from the fork server to a confined init with a kernel below it.

```
zygote ── clone into new namespaces ── init (pid 1: reaps, passes the interrupt on) ── fork ── kernel (pid 2)
```
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from . import frames, kernel, landlock, limits, namespaces, seccomp, selftest, system

_HANDSHAKE_SECONDS = 10.0
_PROCESSES = 128
_INSIDE_ID = 1000


@dataclass(frozen=True)
class Request:
    """What the server asks for."""

    folder: str
    owner: int | None
    memory_bytes: int
    disk_bytes: int
    canary: str
    server_pid: int
    environment: dict[str, str]


@dataclass(frozen=True)
class Descriptors:
    """The session's ends: frames, the output pipe, and the line to the fork server."""

    frames: int
    output: int
    line: int


def start(message: dict[str, object], received: Sequence[int]) -> tuple[int, int]:
    """Start a session and return its init's process number and descriptor."""
    fields = {name: message[name] for name in Request.__dataclass_fields__}
    request = Request(**fields)  # type: ignore[arg-type]  # The server made it from the same fields.
    frames_end, output = received
    ours, theirs = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
    flags = namespaces.ALL_BUT_USER
    if request.owner is None:
        flags |= namespaces.CLONE_NEWUSER
    identity = os.geteuid(), os.getegid()
    pid = namespaces.clone(flags)
    if pid == 0:
        _run_init(request, frames_end, output, line_in=theirs[0], line_out=ours[1])
    os.close(ours[1])
    os.close(theirs[0])
    try:
        pidfd = os.pidfd_open(pid)
        _map_users(pid, request.owner, identity, ours[0], theirs[1])
    finally:
        os.close(ours[0])
        os.close(theirs[1])
    return pid, pidfd


def _map_users(pid: int, owner: int | None, identity: tuple[int, int], line_in: int, line_out: int) -> None:
    """Wait until init has its user namespace, give it its user, and wait until it would die with us."""
    user, group = identity if owner is None else (owner, owner)
    if _wait_byte(line_in):
        namespaces.map_users(pid, user, group)
        os.write(line_out, b"m")
        _wait_byte(line_in)


def _wait_byte(descriptor: int) -> bool:
    ready, _, _ = select.select([descriptor], [], [], _HANDSHAKE_SECONDS)
    return bool(ready) and bool(os.read(descriptor, 1))


def _run_init(request: Request, frames_end: int, output: int, *, line_in: int, line_out: int) -> NoReturn:
    layer = "start"
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        frames_end, output, line_in, line_out = _keep_only([frames_end, output, line_in, line_out])
        os.setsid()
        system.prctl(system.PR_SET_DUMPABLE, 1)  # Else its own /proc files are closed to it; back to 0 below.
        limits.offer_to_the_out_of_memory_killer()
        for name, apply in _layers(request, line_in, line_out):
            layer = name
            apply()
        layer = "fork"
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGUSR1})
        child = os.fork()
        if child == 0:
            _run_kernel(request, frames_end, output)
        os.close(frames_end)
        os.close(output)
        _reap_until_end(child)
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


def _layers(request: Request, line_in: int, line_out: int) -> list[tuple[str, Callable[[], object]]]:
    """Return the jail's layers in the order in which they close."""
    mounts = ("mounts", lambda: _build_root(request))
    host_name = ("host name", lambda: socket.sethostname("sandbox"))
    mapping = ("user mapping", lambda: _ask_for_mapping(line_in, line_out))
    if request.owner is None:
        first: list[tuple[str, Callable[[], object]]] = [mapping, mounts, host_name]
    else:
        # With root's own rights: the mounts then belong to the outer user namespace and can't be changed from inside.
        groups = ("groups", lambda: os.setgroups([]))
        user = ("user namespace", lambda: namespaces.unshare(namespaces.CLONE_NEWUSER))
        first = [groups, mounts, host_name, user, mapping]
    return [
        *first,
        ("user", namespaces.become_inside_user),
        ("capabilities", limits.drop_capabilities),
        ("no new privileges", limits.forbid_new_privileges),
        ("parent-death signal", lambda: _die_with_parent(line_in, line_out)),
        ("limits", lambda: limits.set_limits(request.memory_bytes, request.disk_bytes, _PROCESSES)),
        ("landlock", _confine_paths),
        ("seccomp", seccomp.install),
    ]


def _environment() -> list[str]:
    """Return the folders of this Python: its virtual environment and the interpreter that it was made from."""
    return sorted({os.path.realpath(path) for path in (sys.base_prefix, sys.base_exec_prefix, sys.prefix)})


def _build_root(request: Request) -> None:
    owner = _INSIDE_ID if request.owner is None else request.owner
    namespaces.build_root(request.folder, _environment(), request.memory_bytes // 8, owner)


def _ask_for_mapping(line_in: int, line_out: int) -> None:
    """Let the fork server write the user map, then close this process to its own user."""
    os.write(line_out, b"u")
    if not _wait_byte(line_in):
        raise OSError("the fork server could not map the user")
    system.prctl(system.PR_SET_DUMPABLE, 0)


def _die_with_parent(line_in: int, line_out: int) -> None:
    """Ask for death with the fork server; the write fails when it died before."""
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.write(line_out, b"a")
    os.close(line_in)
    os.close(line_out)


def _confine_paths() -> None:
    read = ["/etc", "/proc", "/dev"]
    use = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", *_environment()]
    keep = ["/mnt/data", "/tmp", "/dev/shm", "/home/sandbox"]  # noqa: S108 - the jail's own.
    landlock.confine(read, use, keep, ["/dev/null", "/dev/zero", "/dev/full"])


def _run_kernel(request: Request, frames_end: int, output: int) -> NoReturn:
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    os.setpgid(0, 0)
    system.prctl(system.PR_SET_DUMPABLE, 1)
    holes = selftest.find_holes(request.canary, request.server_pid)
    if holes:
        _say(frames_end, "refused", holes)
        os._exit(1)
    null = os.open("/dev/null", os.O_RDONLY)  # The jail's own, in place of the one from before.
    os.dup2(null, 0)
    os.close(null)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    kernel.serve(frames_end, request.environment)
    os._exit(0)


def _say(frames_end: int, event: str, reasons: list[str]) -> None:
    with contextlib.suppress(OSError):
        frames.write_frame(frames_end, {"id": 0, "event": event, "reasons": reasons})


def _reap_until_end(child: int) -> NoReturn:
    """Be the init of the session: reap orphans, pass the interrupt on, end with the kernel."""
    while True:
        if signal.sigwait({signal.SIGCHLD, signal.SIGUSR1}) == signal.SIGUSR1:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGINT)
            continue
        pid = -1
        while pid != 0:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == child:
                os._exit(0)

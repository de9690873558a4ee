"""The layers of each tier, in the order in which they close."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable

from . import keeper, landlock, limits, namespaces, seccomp, system
from .handshake import Line
from .request import DATA_DESCRIPTOR, SCRATCH_DESCRIPTOR, Request

Layer = tuple[str, Callable[[], object]]

_PROCESSES = 128
_INSIDE_ID = 1000
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_WRITABLE_DEVICES = ("/dev/null", "/dev/zero", "/dev/full")
_LANDLOCK_FROM = {"uid": 1, "landlock": 3}


def of_keeper(request: Request, line: Line) -> list[Layer]:
    """Return the layers of the session's first process; with mounts of its own these are all there are."""
    if request.has_own_mounts:
        return _namespaces(request, line)
    return [
        ("signals", lambda: signal.pthread_sigmask(signal.SIG_BLOCK, keeper.SIGNALS)),
        ("subreaper", lambda: system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)),
        ("parent-death signal", lambda: line.die_with_parent(signal.SIGTERM)),
    ]


def of_kernel(request: Request) -> list[Layer]:
    """Return the layers that the kernel puts on itself, below its keeper."""
    folder: Layer = ("folder", lambda: _hold_folders(request))
    match request.tier:
        case "uid":
            return [folder, *_another_user(request), *_walls(request, _PROCESSES)]
        case "landlock":
            return [folder, ("capabilities", _drop_what_there_is), *_walls(request, _processes_beside_others())]
        case "unsafe":
            return [folder, _limits(request, _processes_beside_others())]
    return []


def _namespaces(request: Request, line: Line) -> list[Layer]:
    mounts: Layer = ("mounts", lambda: _build_root(request))
    host_name: Layer = ("host name", lambda: socket.sethostname("sandbox"))
    mapping: Layer = ("user mapping", line.ask_for_mapping)
    if request.owner is None:
        first = [mapping, mounts, host_name]
    else:
        # With root's own rights: the mounts then belong to the outer user namespace and can't be changed from inside.
        groups: Layer = ("groups", lambda: os.setgroups([]))
        user: Layer = ("user namespace", lambda: namespaces.unshare(namespaces.CLONE_NEWUSER))
        first = [groups, mounts, host_name, user, mapping]
    return [
        *first,
        ("user", lambda: _become(_INSIDE_ID)),
        ("capability bounds", limits.bound_capabilities),
        ("capabilities", limits.drop_capabilities),
        ("no new privileges", limits.forbid_new_privileges),
        ("parent-death signal", lambda: line.die_with_parent(signal.SIGKILL)),
        _limits(request, _PROCESSES),
        ("landlock", _confine_inside_mounts),
        ("seccomp", seccomp.install),
    ]


def _another_user(request: Request) -> list[Layer]:
    owner = request.owner
    if owner is None:
        raise OSError("only root can give each session a user of its own")
    return [
        ("groups", lambda: os.setgroups([])),
        ("capability bounds", limits.bound_capabilities),
        ("user", lambda: _become(owner)),
        ("capabilities", limits.drop_capabilities),
    ]


def _walls(request: Request, processes: int) -> list[Layer]:
    """Return what the tiers without mounts share; the filter knows the process that may signal itself."""
    alone = os.getpid() if request.tier == "landlock" else None
    return [
        ("no new privileges", limits.forbid_new_privileges),
        ("parent-death signal", lambda: system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)),
        _limits(request, processes),
        ("landlock", lambda: _confine_beside_others(request)),
        ("seccomp", lambda: seccomp.install(alone=alone)),
    ]


def _limits(request: Request, processes: int) -> Layer:
    return ("limits", lambda: limits.set_limits(request.memory_bytes, request.disk_bytes, processes))


def _become(user: int) -> None:
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _drop_what_there_is() -> None:
    if os.geteuid() == 0:
        limits.bound_capabilities()
    limits.drop_capabilities()


def _processes_beside_others() -> int:
    """Return a limit on top of what this user runs already: the kernel counts them all."""
    return _PROCESSES + limits.count_threads(os.getuid())


def _hold_folders(request: Request) -> None:
    """Hold the folders open by the numbers to which the image's links lead."""
    os.chdir(request.folder)
    for path, number in ((request.folder, DATA_DESCRIPTOR), (request.scratch, SCRATCH_DESCRIPTOR)):
        descriptor = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
        os.dup2(descriptor, number)
        os.close(descriptor)


def environment_folders() -> list[str]:
    """Return the folders of this Python: its virtual environment and the interpreter that it was made from."""
    return sorted({os.path.realpath(path) for path in (sys.base_prefix, sys.base_exec_prefix, sys.prefix)})


def _build_root(request: Request) -> None:
    owner = _INSIDE_ID if request.owner is None else request.owner
    namespaces.build_root(request.folder, environment_folders(), request.memory_bytes // 8, owner)


def _confine_inside_mounts() -> None:
    """Allow what the mounts show; folders may be listed everywhere, since nothing else is there."""
    keep = ["/mnt/data", "/tmp", "/dev/shm", "/home/sandbox"]  # noqa: S108 - the jail's own.
    landlock.confine(
        listing=["/"],
        read=["/etc", "/proc", "/dev"],
        use=[*_SYSTEM, *environment_folders()],
        keep=keep,
        touch=_WRITABLE_DEVICES,
    )


def _confine_beside_others(request: Request) -> None:
    """Allow the system's programs and libraries, facts about the machine, its own process and its two folders."""
    wanted, version = _LANDLOCK_FROM[request.tier], landlock.abi()
    if version < wanted:
        raise OSError(f"Landlock version {wanted} is needed, this kernel has {version or 'none'}")
    own = [f"/proc/{os.getpid()}", "/proc/meminfo", "/proc/cpuinfo", "/dev/random", "/dev/urandom"]
    programs = [*_SYSTEM, *environment_folders()]
    runs_programs = request.tier == "uid"
    landlock.confine(
        listing=[],
        read=[*namespaces.SETTINGS, *own, *([] if runs_programs else programs)],
        use=programs if runs_programs else [],
        keep=[f"/proc/self/fd/{DATA_DESCRIPTOR}", f"/proc/self/fd/{SCRATCH_DESCRIPTOR}"],
        touch=_WRITABLE_DEVICES,
    )

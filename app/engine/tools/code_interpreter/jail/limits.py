"""Limits and privileges of a kernel process: resources bounded, capabilities gone, nothing to win back."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import struct

from . import system

_CAPSET = {False: 126, True: 91}
_CAPABILITY_VERSION_3 = 0x20080522
# NOROOT, NO_SETUID_FIXUP, NO_CAP_AMBIENT_RAISE, each with its lock.
_SECUREBITS = 0b11101111


def set_limits(memory_bytes: int, disk_bytes: int, processes: int) -> None:
    """Bound this process and its children; hard limits, so that they can't be raised again."""
    limits = {
        resource.RLIMIT_AS: _address_space() + memory_bytes,
        resource.RLIMIT_FSIZE: disk_bytes,
        resource.RLIMIT_NOFILE: 512,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_CPU: 3600,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 65536,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for name, wanted in limits.items():
        _, hard = resource.getrlimit(name)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(name, (value, value))


def offer_to_the_out_of_memory_killer() -> None:
    """Let the kernel take this process before the server when memory runs out."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
        score.write("500")


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def count_threads(user: int) -> int:
    """Return how many threads the user's processes have together."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):  # It ended while we looked.
                total += os.stat(f"/proc/{name}/task").st_nlink - 2 if os.stat(f"/proc/{name}").st_uid == user else 0
    return total


def bound_capabilities() -> None:
    """Rule out that any program started later gains a capability; needs the right to do so."""
    for capability in range(64):
        try:
            system.prctl(system.PR_CAPBSET_DROP, capability)
        except OSError:
            break  # The kernel's last capability is behind us.
    system.prctl(system.PR_SET_SECUREBITS, _SECUREBITS)


def drop_capabilities() -> None:
    """Give up every capability that this process has."""
    system.prctl(system.PR_CAP_AMBIENT, system.PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    nothing = ctypes.create_string_buffer(24)
    system.syscall(_CAPSET[system.is_arm()], "capset", header, nothing)


def forbid_new_privileges() -> None:
    """Make set-user-id programs powerless; seccomp and Landlock need it too."""
    system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)

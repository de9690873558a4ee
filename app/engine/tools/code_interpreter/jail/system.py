"""System calls that Python has no function for, called through the C library."""

from __future__ import annotations

import ctypes
import functools
import os
import platform

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4


@functools.cache
def libc() -> ctypes.PyDLL:
    """Return the C library; calls keep the interpreter's lock, so that a raw clone is as safe as a fork."""
    return ctypes.PyDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """Return `result`, or raise the `OSError` that the last call left behind."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def prctl(option: int, *values: int) -> None:
    """Call prctl, or raise."""
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    check(libc().prctl(option, *padded), f"prctl {option}")


def syscall(number: int, what: str, *arguments: object) -> int:
    """Make a system call by number, or raise."""
    return check(libc().syscall(ctypes.c_long(number), *arguments), what)


def is_arm() -> bool:
    """Tell aarch64 from x86-64."""
    return platform.machine() in {"aarch64", "arm64"}

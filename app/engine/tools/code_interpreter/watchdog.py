"""What a session uses: the memory of its whole process tree, and its disk space."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

from .jail import system

_PROC = Path("/proc")
_MAX_PROCESSES = 1000
# setfsgid, setfsuid on x86-64 and aarch64.
_SETFS = {False: (123, 122), True: (152, 151)}


@contextlib.contextmanager
def looking_as(user: int | None) -> Iterator[None]:
    """Let this thread look into the user's processes, which root in a container may not do as itself."""
    if user is None or os.geteuid() != 0:
        yield
        return
    _become(user, user)
    try:
        yield
    finally:
        _become(os.geteuid(), os.getegid())


def _become(user: int, group: int) -> None:
    """Change this thread's file system user and group; the system calls leave other threads alone, and never fail."""
    for number, value in zip(_SETFS[system.is_arm()], (group, user), strict=True):
        system.libc().syscall(ctypes.c_long(number), ctypes.c_uint(value))


def count_threads(pid: int) -> int:
    """Return how many threads the process and everything below it have."""
    total = 0
    for each in list_tree(pid):
        with contextlib.suppress(OSError):  # It ended while we looked.
            total += len(list((_PROC / str(each) / "task").iterdir()))
    return total


def tree_memory_bytes(pid: int, limit: int, owner: int | None = None) -> int:
    """Return the memory of a process and all below it; shared pages are divided once the cheap sum passes `limit`."""
    pids = list_tree(pid)
    cheap = sum(_own_bytes(each) for each in pids)
    if cheap <= limit:
        return cheap
    with looking_as(owner):
        return sum(_fair_share_bytes(each) for each in pids)


def list_tree(pid: int) -> list[int]:
    """Return the process and everything that it and its children started."""
    found = [pid]
    for each in found:
        if len(found) > _MAX_PROCESSES:
            break
        found += _children(each)
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in (_PROC / str(pid) / "task").iterdir():
            children += [int(child) for child in (task / "children").read_text("ascii").split()]
    except OSError:
        return children  # It ended while we looked.
    return children


def _own_bytes(pid: int) -> int:
    """Return anonymous and shared memory; what was inherited from the fork server counts here."""
    fields = _fields(pid, "status")
    return fields.get("RssAnon", 0) + fields.get("RssShmem", 0)


def _fair_share_bytes(pid: int) -> int:
    fields = _fields(pid, "smaps_rollup")
    return fields["Pss"] if "Pss" in fields else _own_bytes(pid)


def _fields(pid: int, name: str) -> dict[str, int]:
    fields = {}
    try:
        lines = (_PROC / str(pid) / name).read_text("ascii", "replace").splitlines()
    except OSError:
        return {}
    for line in lines:
        key, _, value = line.partition(":")
        if value.endswith(" kB"):
            fields[key] = int(value.split()[0]) * 1024
    return fields


def unlinked_bytes(pid: int, device: int) -> int:
    """Return the space of files that processes of the tree hold open after deleting them."""
    total = 0
    seen: set[int] = set()
    for each in list_tree(pid):
        try:
            entries = list((_PROC / str(each) / "fd").iterdir())
        except OSError:
            continue  # It ended while we looked.
        for entry in entries:
            try:
                status = entry.stat()
            except OSError:
                continue
            if status.st_nlink == 0 and status.st_dev == device and status.st_ino not in seen:
                seen.add(status.st_ino)
                total += status.st_blocks * 512
    return total

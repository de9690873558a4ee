"""The namespaces tier: a file tree of its own, mounted read-only from the system's, with one folder to write in.

The order follows bubblewrap: a tmpfs becomes the root, the old tree hangs below it until everything needed was
bound, and is then let go.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from typing import Final

from . import system

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
ALL_BUT_USER: Final = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT, _MS_BIND = 2, 4, 8, 32, 4096
_MS_REC, _MS_PRIVATE, _MS_RDONLY = 16384, 1 << 18, 1
_MNT_DETACH: Final = 2
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV, _ATTR_NOEXEC = 1, 2, 4, 8
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE = 442, -100, 0x8000
_PIVOT_ROOT: Final = {False: 155, True: 41}

_BASE: Final = "/tmp"  # noqa: S108 - covered by a tmpfs in the new mount namespace, never written to.
_OLD: Final = "/.old"
_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS: Final = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives", "/etc/mime.types")
_DEVICES: Final = ("null", "zero", "full", "random", "urandom")
_LINKS: Final = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1"}
_INSIDE_ID: Final = 1000
_FILES: Final = {
    "/etc/passwd": f"sandbox:x:{_INSIDE_ID}:{_INSIDE_ID}::/home/sandbox:/bin/sh\n",
    "/etc/group": f"sandbox:x:{_INSIDE_ID}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    arguments = [None if text is None else text.encode() for text in (source, target, kind)]
    option = None if data is None else data.encode()
    result = system.libc().mount(*arguments, ctypes.c_ulong(flags), option)
    system.check(result, f"mount {target}")


def _set_attributes(target: str, attributes: int) -> None:
    """Restrict a mount and everything mounted below it."""
    request = struct.pack("=4Q", attributes, 0, 0, 0)
    size = ctypes.c_size_t(len(request))
    flags = ctypes.c_uint(_AT_RECURSIVE)
    system.syscall(_MOUNT_SETATTR, f"mount_setattr {target}", _AT_FDCWD, target.encode(), flags, request, size)


def _bind(source: str, target: str, attributes: int) -> None:
    if os.path.isdir(source):
        os.makedirs(target, mode=0o755, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    _mount(source, target, None, _MS_BIND | _MS_REC)
    _set_attributes(target, attributes | _ATTR_NOSUID)


def _tmpfs(target: str, size_bytes: int, owner: int) -> None:
    os.makedirs(target, mode=0o755, exist_ok=True)
    options = f"mode=0700,size={size_bytes},nr_inodes=20000,uid={owner},gid={owner}"
    _mount("tmpfs", target, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options)


def build_root(folder: str, environment: Iterable[str], scratch_bytes: int, owner: int) -> None:
    """Replace the file tree: the system and `environment` read-only, `folder` at /mnt/data, the rest in memory."""
    folder = os.path.realpath(folder)
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", _BASE, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=0755,size=4m,nr_inodes=4000")
    os.mkdir(_BASE + _OLD, 0o700)
    pivot = _PIVOT_ROOT[system.is_arm()]
    system.syscall(pivot, "pivot_root", _BASE.encode(), (_BASE + _OLD).encode())
    os.chdir("/")
    _bind_system()
    _bind_devices()
    _mount_scratch(scratch_bytes, owner)
    for path in environment:  # After the scratch: the project may live in /tmp.
        if not os.path.exists(path):
            _bind(_OLD + path, path, _ATTR_RDONLY | _ATTR_NODEV)
    _bind(_OLD + folder, "/mnt/data", _ATTR_NODEV | _ATTR_NOEXEC)
    _write_settings()
    os.mkdir("/proc", 0o555)
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "subset=pid")
    system.check(system.libc().umount2(_OLD.encode(), _MNT_DETACH), "umount of the old root")
    os.rmdir(_OLD)
    _mount("none", "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)
    os.chdir("/mnt/data")


def _bind_system() -> None:
    for path in _SYSTEM:
        if os.path.islink(_OLD + path):
            os.symlink(os.readlink(_OLD + path), path)
        elif os.path.isdir(_OLD + path):
            _bind(_OLD + path, path, _ATTR_RDONLY | _ATTR_NODEV)


def _bind_devices() -> None:
    os.mkdir("/dev", 0o755)
    for name in _DEVICES:
        _bind(f"{_OLD}/dev/{name}", f"/dev/{name}", 0)
    for name, target in _LINKS.items():
        os.symlink(target, f"/dev/{name}")


def _mount_scratch(scratch_bytes: int, owner: int) -> None:
    _tmpfs("/tmp", scratch_bytes, owner)  # noqa: S108 - the session's own.
    _tmpfs("/dev/shm", scratch_bytes // 2, owner)  # noqa: S108
    _tmpfs("/home/sandbox", scratch_bytes // 2, owner)


def _write_settings() -> None:
    os.makedirs("/etc", exist_ok=True)
    for path in SETTINGS:
        source = os.path.realpath(_OLD + path) if not os.path.islink(_OLD + path) else _follow(path)
        if os.path.exists(source):
            _bind(source, path, _ATTR_RDONLY | _ATTR_NODEV)
    for path, text in _FILES.items():
        with open(path, "w", encoding="ascii") as file:
            file.write(text)


def _follow(path: str) -> str:
    """Return where a link of the old tree leads, seen from the new one."""
    target = os.readlink(_OLD + path)
    return _OLD + target if target.startswith("/") else os.path.join(os.path.dirname(_OLD + path), target)


def map_users(pid: int, owner: int, group: int) -> None:
    """Let the user inside be `owner` outside, and nobody else."""
    for name, text in (
        ("setgroups", "deny"),
        ("gid_map", f"{_INSIDE_ID} {group} 1"),
        ("uid_map", f"{_INSIDE_ID} {owner} 1"),
    ):
        with open(f"/proc/{pid}/{name}", "w", encoding="ascii") as file:
            file.write(text)


def unshare(flags: int) -> None:
    """Leave the present namespaces for new ones."""
    system.check(system.libc().unshare(flags), "unshare")


def clone(flags: int) -> int:
    """Fork into new namespaces; 0 in the child, whose process number inside is 1."""
    number = {False: 56, True: 220}[system.is_arm()]
    signal_on_exit = 17
    zeros = [ctypes.c_ulong(0)] * 4
    return system.syscall(number, "clone", ctypes.c_ulong(flags | signal_on_exit), *zeros)

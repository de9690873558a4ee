"""Landlock: the kernel's own allow-list of paths, on top of the mount namespace, which holds even if that one fails.

Numbers are those of include/uapi/linux/landlock.h (kernel documentation: userspace-api/landlock).
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from typing import Final

from . import system

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH = 1, 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE = 1 << 13, 1 << 14

_READ: Final = _READ_FILE | _READ_DIR
_USE: Final = _READ | _EXECUTE
# Never: making symbolic links, fifos, sockets and devices; never execution where it may write.
_KEEP: Final = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_FILE_RIGHTS: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE

_HANDLED_BITS_BY_ABI: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_ALL_NETWORK, _ALL_SCOPES = 0b11, 0b11
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6


def abi() -> int:
    """Return the kernel's Landlock version, 0 where there is none."""
    result: int = system.libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION_FLAG))
    return max(result, 0)


def confine(
    *, listing: Iterable[str], read: Iterable[str], use: Iterable[str], keep: Iterable[str], touch: Iterable[str]
) -> int:
    """Allow listing, reading, reading and executing, full use without execution, and writing; return the version."""
    version = abi()
    if version == 0:
        return 0
    handled = (1 << _HANDLED_BITS_BY_ABI[min(version, 5)]) - 1
    ruleset = _create(version, handled)
    for paths, rights in (
        (listing, _READ_DIR),
        (read, _READ),
        (use, _USE),
        (keep, _KEEP),
        (touch, _READ_FILE | _WRITE_FILE),
    ):
        for path in paths:
            _allow(ruleset, path, rights & handled)
    system.syscall(_RESTRICT_SELF, "landlock_restrict_self", ruleset, ctypes.c_uint(0))
    os.close(ruleset)
    return version


def _create(version: int, handled: int) -> int:
    fields = [handled]
    if version >= _NETWORK_SINCE:
        fields.append(_ALL_NETWORK)
    if version >= _SCOPES_SINCE:
        fields.append(_ALL_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    return system.syscall(_CREATE_RULESET, "landlock_create_ruleset", attributes, size, ctypes.c_uint(0))


def _allow(ruleset: int, path: str, rights: int) -> None:
    if not os.path.exists(path):
        return
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = rights if os.path.isdir(path) else rights & _FILE_RIGHTS
        rule = struct.pack("=Qi", allowed, descriptor)
        system.syscall(_ADD_RULE, f"landlock_add_rule {path}", ruleset, _PATH_BENEATH, rule, ctypes.c_uint(0))
    finally:
        os.close(descriptor)

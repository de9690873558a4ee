"""The kernel's system call filter, assembled from the table in `syscalls.py`; no libseccomp needed.

Known and allowed: runs. Known and refused: `EPERM`. Not in the table: `ENOSYS`, which libraries take as an older
kernel and work around. Only a foreign architecture or the x32 table kills, because no honest program uses them.
Layout after Documentation/userspace-api/seccomp_filter.rst of the Linux kernel.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Callable
from typing import Final

from . import system
from .syscalls import ALLOWED, NUMBERS, REFUSED

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET, _ARGUMENTS_OFFSET = 0, 4, 16
_ARCHITECTURES: Final = {False: 0xC000003E, True: 0xC00000B7}
_X32_BIT: Final = 0x40000000
_SECCOMP_MODE_FILTER: Final = 2
_REFUSE: Final = _ERRNO | errno.EPERM

# CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
_NAMESPACE_FLAGS: Final = 0x80 | 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000
_AF_UNIX, _SOCK_STREAM, _SOCKET_TYPE_FLAGS = 1, 1, 0o2004000
# TIOCSTI and TIOCLINUX type into a terminal; FIOSETOWN and SIOCSPGRP choose who gets a descriptor's signals.
_IOCTLS: Final = (0x5412, 0x541C, 0x8901, 0x8902)
# F_SETOWN, F_SETSIG, F_SETOWN_EX: a way to send any signal to any process of the same user.
_FCNTLS: Final = (8, 10, 15)
# PDEATHSIG read, DUMPABLE read, NAME, SECCOMP state, bounding set, no_new_privs, THP and VMA names: harmless.
_PRCTL_OPTIONS: Final = (2, 3, 15, 16, 21, 23, 39, 42, 0x53564D41)
_PRCTL_PDEATHSIG, _PRCTL_SET_DUMPABLE = 1, 4
_CLONE_THREAD: Final = 0x10000

Instruction = bytes


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> Instruction:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _only_values(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    """Allow the call when the low word of its argument is one of `values`, else refuse."""
    program = [_op(_LOAD, _ARGUMENTS_OFFSET + 8 * argument)]
    for value in values:
        program += [_op(_JUMP_EQUAL, value, 0, 1), _op(_RETURN, _ALLOW)]
    return [*program, _op(_RETURN, _REFUSE)]


def _never_values(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    program = [_op(_LOAD, _ARGUMENTS_OFFSET + 8 * argument)]
    for value in values:
        program += [_op(_JUMP_EQUAL, value, 0, 1), _op(_RETURN, _REFUSE)]
    return [*program, _op(_RETURN, _ALLOW)]


def _without_namespaces() -> list[Instruction]:
    flags = _op(_LOAD, _ARGUMENTS_OFFSET)
    return [flags, _op(_JUMP_BITS, _NAMESPACE_FLAGS, 0, 1), _op(_RETURN, _REFUSE), _op(_RETURN, _ALLOW)]


def _stream_pairs() -> list[Instruction]:
    refuse_family = [_op(_LOAD, _ARGUMENTS_OFFSET), _op(_JUMP_EQUAL, _AF_UNIX, 1, 0), _op(_RETURN, _REFUSE)]
    kinds = tuple(_SOCK_STREAM | flags for flags in (0, 0o2000000, 0o4000, _SOCKET_TYPE_FLAGS))
    return refuse_family + _only_values(1, kinds)


def _stay_visible() -> list[Instruction]:
    """Allow a process to become dumpable and not the opposite: the watchdog looks at what it holds open."""
    option = [_op(_LOAD, _ARGUMENTS_OFFSET), _op(_JUMP_EQUAL, _PRCTL_SET_DUMPABLE, 0, 4)]
    value = [_op(_LOAD, _ARGUMENTS_OFFSET + 8), _op(_JUMP_EQUAL, 1, 0, 1)]
    return [*option, *value, _op(_RETURN, _ALLOW), _op(_RETURN, _REFUSE)]


_CONDITIONS: Final[dict[str, Callable[[], list[Instruction]]]] = {
    "clone": _without_namespaces,
    "socketpair": _stream_pairs,
    "ioctl": lambda: _never_values(1, _IOCTLS),
    "fcntl": lambda: _never_values(1, _FCNTLS),
    "prctl": lambda: [*_stay_visible(), *_only_values(0, (_PRCTL_PDEATHSIG, *_PRCTL_OPTIONS))],
    "prlimit64": lambda: _only_values(0, (0,)),
}


def _threads_only() -> list[Instruction]:
    flags = _op(_LOAD, _ARGUMENTS_OFFSET)
    refuse = [_op(_JUMP_BITS, _CLONE_THREAD, 1, 0), _op(_RETURN, _REFUSE)]
    return [flags, *refuse, _op(_JUMP_BITS, _NAMESPACE_FLAGS, 0, 1), _op(_RETURN, _REFUSE), _op(_RETURN, _ALLOW)]


def _differences(alone: int) -> dict[str, list[Instruction]]:
    """Return the rules of a session that is one process, `alone`, and shares its user with the server."""
    answers = {
        _REFUSE: "fork vfork execve execveat tkill pidfd_open pidfd_send_signal",
        # Success without effect, so that `shutil.copy` works: Landlock does not cover these calls.
        _ERRNO: "chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat",
        _ERRNO | errno.ENOTSUP: "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr",
    }
    rules = {name: [_op(_RETURN, answer)] for answer, names in answers.items() for name in names.split()}
    rules |= {name: _only_values(0, (alone,)) for name in ("kill", "tgkill", "rt_sigqueueinfo")}
    rules |= {name: _only_values(0, (0, alone)) for name in ("sched_setaffinity", "prlimit64")}
    return rules | {"clone": _threads_only(), "prctl": [*_stay_visible(), *_only_values(0, _PRCTL_OPTIONS)]}


def build_filter(*, arm: bool, alone: int | None = None) -> bytes:
    """Return the filter's program for one architecture; stricter for a process that must stay `alone`."""
    differences = {} if alone is None else _differences(alone)
    program = [_op(_LOAD, _ARCHITECTURE_OFFSET), _op(_JUMP_EQUAL, _ARCHITECTURES[arm], 1, 0), _op(_RETURN, _KILL)]
    program.append(_op(_LOAD, _NUMBER_OFFSET))
    if not arm:
        program += [_op(_JUMP_AT_LEAST, _X32_BIT, 0, 1), _op(_RETURN, _KILL)]
    for name in _names(ALLOWED):
        usual = _CONDITIONS.get(name, lambda: [_op(_RETURN, _ALLOW)])
        program += _rule(_number(name, arm=arm), differences[name] if name in differences else usual())
    for name in _names(REFUSED):
        program += _rule(_number(name, arm=arm), [_op(_RETURN, _REFUSE)])
    program.append(_op(_RETURN, _ERRNO | errno.ENOSYS))
    return b"".join(program)


def _names(groups: tuple[tuple[str, str], ...]) -> list[str]:
    return [name for _, names in groups for name in names.split()]


def _number(name: str, *, arm: bool) -> int | None:
    return NUMBERS[name][arm]


def _rule(number: int | None, body: list[Instruction]) -> list[Instruction]:
    """Skip the body unless the call has this number; no rule for a call that the architecture lacks."""
    return [] if number is None else [_op(_JUMP_EQUAL, number, 0, len(body)), *body]


def install(*, alone: int | None = None) -> None:
    """Put the filter in force for this thread and everything it starts, for good."""
    program = build_filter(arm=system.is_arm(), alone=alone)
    buffer = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count, padding, a pointer.
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    holder = ctypes.create_string_buffer(header, len(header))
    system.prctl(system.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(holder))

"""The attacks that every new kernel makes on its own jail before it may run a cell."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Callable

from . import system
from .request import LINK

_FAMILIES = range(1, 46)
_CLONE_NEWUSER = 0x10000000
_OWN_PIDS = 2


def find_holes(canary: str, server_pid: int) -> list[str]:
    """Return a sentence for each attack that succeeded; an empty list means that the jail holds."""
    attacks: dict[str, Callable[[], object]] = {
        "a file of the server was readable": lambda: _read(canary),
        "/etc/shadow was readable": lambda: _read("/etc/shadow"),
        "the server's environment was readable": lambda: (
            _read(f"/proc/{server_pid}/environ") if server_pid > _OWN_PIDS else _no()
        ),
        "the server could be signalled": lambda: os.kill(server_pid, 0) if server_pid > _OWN_PIDS else _no(),
        "the system was writable": lambda: os.close(os.open("/usr/.sandbox", os.O_CREAT | os.O_WRONLY)),
        "a new user namespace could be made": lambda: system.check(system.libc().unshare(_CLONE_NEWUSER), "unshare"),
        "a mount could be made": lambda: system.check(
            system.libc().mount(b"none", b"/tmp", b"tmpfs", 0, None), "mount"
        ),
        "init could be traced": lambda: system.check(system.libc().ptrace(16, 1, None, None), "ptrace"),
        "a datagram pair could be made": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
        "root could be regained": lambda: os.setuid(0),
    }
    for family in _FAMILIES:
        attacks[f"a socket of family {family} could be opened"] = lambda family=family: _open_socket(family)  # type: ignore[misc]  # The default binds the loop's value.
    return [sentence for sentence, attack in attacks.items() if _succeeds(attack)]


def check_places(*, must_link: bool) -> None:
    """Raise unless the session finds its files under their usual name, and its Python can read its libraries."""
    if must_link and not (os.path.isdir("/mnt/data") and os.path.samefile("/mnt/data", LINK)):
        raise OSError(f"/mnt/data does not lead to the session's folder; as root: ln -s {LINK} /mnt/data")
    try:
        for path in (os.__file__, *filter(os.path.exists, (f"{entry}/numpy/__init__.py" for entry in sys.path))):
            _read(path)
    except OSError as exc:
        raise OSError(f"the session's user cannot read the sandbox's Python: {exc}") from exc
    with open(f"{LINK}/.sandbox", "x", encoding="ascii"):
        os.unlink(f"{LINK}/.sandbox")


def _succeeds(attack: Callable[[], object]) -> bool:
    try:
        attack()
    except OSError:
        return False
    return True


def _no() -> None:
    raise OSError("not applicable")


def _read(path: str) -> None:
    with open(path, "rb") as file:
        file.read(1)


def _open_socket(family: int) -> None:
    ctypes.set_errno(0)
    os.close(system.check(system.libc().socket(family, socket.SOCK_DGRAM, 0), "socket"))

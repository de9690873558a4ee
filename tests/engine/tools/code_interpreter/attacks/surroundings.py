"""What a machine or an image offers a server: the link behind `/mnt/data`, and an unprivileged user."""

from __future__ import annotations

import os
from pathlib import Path

from app.engine.tools.code_interpreter.jail import limits, namespaces, system
from app.engine.tools.code_interpreter.jail.request import LINK

_MS_REC, _MS_PRIVATE = 16384, 1 << 18


def link_data() -> None:
    """Make `/mnt/data` lead where an image has it lead, seen by this process and its children only."""
    data = Path("/mnt/data")
    if data.is_symlink() and str(data.readlink()) == LINK:
        return
    user, group = os.getuid(), os.getgid()
    if user == 0:
        namespaces.unshare(namespaces.CLONE_NEWNS)
    else:
        namespaces.unshare(namespaces.CLONE_NEWUSER | namespaces.CLONE_NEWNS)
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("none", "/mnt", "tmpfs", 0)
    data.symlink_to(LINK)
    if user != 0:
        limits.drop_capabilities()


def _mount(source: str, target: str, kind: str | None, flags: int) -> None:
    result = system.libc().mount(source.encode(), target.encode(), kind and kind.encode(), flags, None)
    system.check(result, f"mount {target}")


def become(user: int) -> None:
    """Become an ordinary user, for good."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    system.prctl(system.PR_SET_DUMPABLE, 1)  # As a program that the user started would be.

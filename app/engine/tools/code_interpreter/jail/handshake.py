"""The line between a session's first process and the fork server, used once while the jail is built."""

from __future__ import annotations

import os
import select
from dataclasses import dataclass

from . import namespaces, system

_SECONDS = 10.0


def wait_byte(descriptor: int) -> bool:
    """Wait for the other side's byte; False when it does not come, or the other side has gone."""
    ready, _, _ = select.select([descriptor], [], [], _SECONDS)
    return bool(ready) and bool(os.read(descriptor, 1))


def map_users(pid: int, user: int, group: int, line_in: int, line_out: int) -> None:
    """Wait until the first process has its user namespace, and give it its user."""
    if wait_byte(line_in):
        namespaces.map_users(pid, user, group)
        os.write(line_out, b"m")


@dataclass(frozen=True)
class Line:
    """The first process's two ends."""

    read_end: int
    write_end: int

    def ask_for_mapping(self) -> None:
        """Let the fork server write the user map, then close this process to its own user."""
        os.write(self.write_end, b"u")
        if not wait_byte(self.read_end):
            raise OSError("the fork server could not map the user")
        system.prctl(system.PR_SET_DUMPABLE, 0)

    def die_with_parent(self, number: int) -> None:
        """Ask for a signal when the fork server dies; the write fails when it died before."""
        system.prctl(system.PR_SET_PDEATHSIG, number)
        os.write(self.write_end, b"a")
        os.close(self.read_end)
        os.close(self.write_end)

"""What the server asks of the fork server: one session, in one tier."""

from __future__ import annotations

from dataclasses import dataclass

DATA_DESCRIPTOR, SCRATCH_DESCRIPTOR = 200, 201
LINK = f"/proc/self/fd/{DATA_DESCRIPTOR}"
"""Where `/mnt/data` must lead in the tiers that have no mounts of their own."""


@dataclass(frozen=True)
class Request:
    """The session's tier, folders, users and limits."""

    tier: str
    folder: str
    scratch: str
    owner: int | None
    striker: int
    memory_bytes: int
    disk_bytes: int
    canary: str
    server_pid: int
    environment: dict[str, str]

    @property
    def has_own_mounts(self) -> bool:
        """Say whether the session sees a file tree of its own."""
        return self.tier == "namespaces"

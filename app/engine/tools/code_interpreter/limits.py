"""What one session of the code interpreter may use."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force; the defaults are the documented ones."""

    memory_mb: int = 1536
    disk_mb: int = 512
    files: int = 10_000
    cell_seconds: float = 60.0
    grace_seconds: float = 2.0
    idle_seconds: float = 20 * 60.0
    life_seconds: float = 60 * 60.0
    live_sessions: int = 64
    least_free_mb: int = 512
    output_bytes: int = MEGABYTE
    code_bytes: int = MEGABYTE
    figures: int = 20
    files_per_cell: int = 100
    threads: int = 192

    @property
    def least_free_bytes(self) -> int:
        """Memory below which an idle session makes room for the next one."""
        return self.least_free_mb * MEGABYTE

    @property
    def memory_bytes(self) -> int:
        """Memory of one session's processes together."""
        return self.memory_mb * MEGABYTE

    @property
    def disk_bytes(self) -> int:
        """Disk space that a session may add to its folder."""
        return self.disk_mb * MEGABYTE

"""How much memory the machine, or the container around the server, has left."""

from __future__ import annotations

from pathlib import Path

_GROUPS = (
    ("memory.max", "memory.current", Path("/sys/fs/cgroup")),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", Path("/sys/fs/cgroup/memory")),
)


def free_memory_bytes() -> int:
    """Return the smaller of what the machine and the control group have left."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    return min(available, *(_left(folder / limit, folder / used, available) for limit, used, folder in _GROUPS))


def _left(limit: Path, used: Path, otherwise: int) -> int:
    try:
        return int(limit.read_text(encoding="ascii")) - int(used.read_text(encoding="ascii"))
    except (OSError, ValueError):  # No such group, or "max".
        return otherwise

"""What one person may take of the server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Four numbers; None is no limit."""

    runs_at_once: int | None = None
    runs_per_minute: int | None = None
    storage_mb: int | None = None
    upload_mb: int | None = None

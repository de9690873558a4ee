"""What one person may take of the server: runs at once and a minute, storage, the size of an upload."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from sqlalchemy import Connection, func, select, text

from app.database import CALLER
from app.engine.store import tables
from app.errors import InvalidRequest, RateLimited

_MB: Final = 1024 * 1024
_MINUTE_SECONDS: Final = 60.0
_TRY_AGAIN_SECONDS: Final = 5
_WORKING: Final = ("queued", "in_progress", "cancelling")
"""Runs that wait for the outputs of functions take nothing of the server."""


@dataclass(slots=True)
class Allowance:
    """The limits for each person, 0 for none; where nobody signs in they hold for everybody together."""

    runs_at_once: int = 0
    runs_per_minute: int = 0
    storage_mb: int = 0
    upload_mb: int = 0
    _begun: dict[str, deque[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take_run(self, connection: Connection, now: float) -> None:
        """Count a run that begins, inside the unit of work that inserts it; raises `RateLimited`."""
        person = _caller(connection)
        if self.runs_at_once:
            self._check_at_once(connection, person)
        if self.runs_per_minute:
            self._count(person or "", now)

    def take_storage(self, connection: Connection, size_bytes: int) -> None:
        """Make sure that a file still fits, inside the unit of work that inserts it; raises `InvalidRequest`."""
        if not self.storage_mb:
            return
        person = _caller(connection)
        _one_at_a_time(connection, person)
        query = select(func.coalesce(func.sum(tables.files.c.bytes), 0))
        used = int(
            connection.execute(query if person is None else query.where(tables.files.c.owner_id == person)).scalar_one()
        )
        if used + size_bytes > self.storage_mb * _MB:
            raise InvalidRequest(
                f"Your files take {used / _MB:.1f} of {self.storage_mb} MB, and this one has "
                f"{size_bytes / _MB:.1f} MB. Delete files that you do not need, then try again.",
                param="file",
                code="storage_limit_exceeded",
            )

    def largest_upload(self, largest_bytes: int) -> int:
        """Return how many bytes an upload may have, where the API itself allows so many."""
        return min(largest_bytes, self.upload_mb * _MB) if self.upload_mb else largest_bytes

    def _check_at_once(self, connection: Connection, person: str | None) -> None:
        _one_at_a_time(connection, person)
        query = select(func.count()).select_from(tables.runs).where(tables.runs.c.status.in_(_WORKING))
        if person is not None:
            query = query.join(tables.threads, tables.threads.c.id == tables.runs.c.thread_id)
            query = query.where(tables.threads.c.owner_id == person)
        active = int(connection.execute(query).scalar_one())
        if active >= self.runs_at_once:
            raise RateLimited(
                f"{active} runs are active, and this server allows {self.runs_at_once} at once. "
                "Wait until one has ended, or cancel one.",
                code="rate_limit_exceeded",
                retry_after_seconds=_TRY_AGAIN_SECONDS,
            )

    def _count(self, person: str, now: float) -> None:
        with self._lock:
            begun = self._begun.setdefault(person, deque(maxlen=self.runs_per_minute))
            if len(begun) == self.runs_per_minute and now - begun[0] < _MINUTE_SECONDS:
                wait_seconds = max(1, ceil(begun[0] + _MINUTE_SECONDS - now))
                raise RateLimited(
                    f"This server allows {self.runs_per_minute} runs a minute. Try again in {wait_seconds} s.",
                    code="rate_limit_exceeded",
                    retry_after_seconds=wait_seconds,
                )
            begun.append(now)


def _caller(connection: Connection) -> str | None:
    person: str | None = connection.info.get(CALLER)
    return person


def _one_at_a_time(connection: Connection, person: str | None) -> None:
    """Let one of a person's units count at a time; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:person))"), {"person": person or ""})

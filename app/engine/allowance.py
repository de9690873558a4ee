"""What one person may take of the server: runs at once and a minute, storage, the size of an upload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Final

from sqlalchemy import Connection, text

from app.database import CALLER, Database
from app.engine.store import taken
from app.errors import InvalidRequest, RateLimited
from app.limits import Limits

MINUTE_SECONDS: Final = 60.0
MB: Final = 1024 * 1024
_TRY_AGAIN_SECONDS: Final = 5

LimitsOf = Callable[[Connection, str | None], Limits]
"""Returns what holds for a person now, inside a unit of work; for None, where nobody signs in, what holds for all."""


def _no_limits(_connection: Connection, _person: str | None) -> Limits:
    return Limits()


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limits for each person; where nobody signs in they hold for everybody together.

    Everything is counted in the database, so that limits hold in all processes together.
    """

    limits_of: LimitsOf = _no_limits

    def take_run(self, connection: Connection, now: float) -> None:
        """Count a run that begins, inside the unit of work that inserts it; raises `RateLimited`."""
        person = caller_of(connection)
        limits = self.limits_of(connection, person)
        if limits.runs_at_once or limits.runs_per_minute:
            _one_at_a_time(connection, person)
        if limits.runs_at_once:
            _check_at_once(connection, person, limits.runs_at_once)
        if limits.runs_per_minute:
            _check_minute(connection, person, limits.runs_per_minute, now)
        if limits.runs_per_minute or person is not None:
            taken.note_begun(connection, person, now)

    def take_storage(self, connection: Connection, size_bytes: int) -> None:
        """Make sure that a file still fits, inside the unit of work that inserts it; raises `InvalidRequest`."""
        person = caller_of(connection)
        storage_mb = self.limits_of(connection, person).storage_mb
        if not storage_mb:
            return
        _one_at_a_time(connection, person)
        used = taken.stored_bytes(connection, person)
        if used + size_bytes > storage_mb * MB:
            raise InvalidRequest(
                f"Your files take {used / MB:.1f} of {storage_mb} MB, and this one has "
                f"{size_bytes / MB:.1f} MB. Delete files that you do not need, then try again.",
                param="file",
                code="storage_limit_exceeded",
            )

    async def largest_upload(self, database: Database, largest_bytes: int) -> int:
        """Return how many bytes an upload may have, where the API itself allows so many."""
        limits = await database.read(lambda connection: self.limits_of(connection, caller_of(connection)))
        return largest_upload(limits, largest_bytes)


def largest_upload(limits: Limits, largest_bytes: int) -> int:
    """Return how many bytes an upload may have under the limits."""
    return min(largest_bytes, limits.upload_mb * MB) if limits.upload_mb else largest_bytes


def caller_of(connection: Connection) -> str | None:
    """Return whom a unit of work is for; None where nobody signs in."""
    person: str | None = connection.info.get(CALLER)
    return person


def _check_at_once(connection: Connection, person: str | None, most: int) -> None:
    active = taken.active_runs(connection, person)
    if active >= most:
        raise RateLimited(
            f"{active} runs are active, and this server allows {most} at once. "
            "Wait until one has ended, or cancel one.",
            code="rate_limit_exceeded",
            retry_after_seconds=_TRY_AGAIN_SECONDS,
        )


def _check_minute(connection: Connection, person: str | None, most: int, now: float) -> None:
    first = taken.begun_before_last(connection, person, now - MINUTE_SECONDS, most)
    if first is not None:
        wait_seconds = max(1, ceil(first + MINUTE_SECONDS - now))
        raise RateLimited(
            f"This server allows {most} run{'' if most == 1 else 's'} a minute. Try again in {wait_seconds} s.",
            code="rate_limit_exceeded",
            retry_after_seconds=wait_seconds,
        )


def _one_at_a_time(connection: Connection, person: str | None) -> None:
    """Let one of a person's units count at a time; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:person))"), {"person": person or ""})

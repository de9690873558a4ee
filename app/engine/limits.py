"""What the caller may take, and takes now."""

from __future__ import annotations

from sqlalchemy import Connection

from app.engine.allowance import MB, MINUTE_SECONDS, caller_of, largest_upload
from app.engine.engine import Engine
from app.engine.store import taken
from app.wire.limits import Limits, Taken


async def get_limits(engine: Engine, largest_bytes: int) -> Limits:
    """Return limits and use; `largest_bytes` is the most that the API lets an upload have."""
    since = engine.clock.now() - MINUTE_SECONDS

    def look(connection: Connection) -> Limits:
        person = caller_of(connection)
        limits = engine.allowance.limits_of(connection, person)
        return Limits(
            runs_at_once=Taken(used=taken.active_runs(connection, person), limit=limits.runs_at_once),
            runs_per_minute=Taken(used=taken.begun_since(connection, person, since), limit=limits.runs_per_minute),
            storage_bytes=Taken(
                used=taken.stored_bytes(connection, person), limit=limits.storage_mb and limits.storage_mb * MB
            ),
            largest_upload_bytes=largest_upload(limits, largest_bytes),
        )

    return await engine.database.read(look)

"""Deleting the chunks of deleted stores and files in the background, some at a time."""

from __future__ import annotations

import logging

import anyio
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.database import Database
from app.engine.store import chunks

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_WORK_SECONDS = 0.01
_PAUSE_SECONDS = 0.02


async def discard_for_ever(database: Database) -> None:
    """Delete what waits for it until cancelled."""
    while True:
        try:
            has_more = await discard_some(database)
        except SQLAlchemyError:
            _log.exception("the database failed while deleting chunks")
            has_more = False
        await anyio.sleep(_PAUSE_SECONDS if has_more else _LOOK_SECONDS)


async def discard_some(database: Database) -> bool:
    """Delete some chunks, so few that SQLite's writer is free again soon; say whether there were any."""
    return await database.read(chunks.is_any_discarded) and await database.write(_delete)


def _delete(connection: Connection) -> bool:
    return chunks.delete_discarded(connection, _WORK_SECONDS)

"""The sweeper: deletes what has expired, and copies of blobs that are not needed here."""

from __future__ import annotations

import logging
from functools import partial

import anyio
from sqlalchemy.exc import SQLAlchemyError

from app.engine.allowance import MINUTE_SECONDS
from app.engine.engine import Engine
from app.engine.files import delete_expired
from app.engine.prompts import delete_old_prompts
from app.engine.store import taken
from app.errors import AppError

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 60.0


async def sweep_for_ever(engine: Engine) -> None:
    """Sweep once a minute until cancelled; what fails is tried again the next time."""
    while True:
        try:
            await sweep(engine)
        except (SQLAlchemyError, OSError, AppError):
            _log.exception("sweeping what has expired failed")
        await anyio.sleep(_EVERY_SECONDS)


async def sweep(engine: Engine) -> None:
    """Delete everything that has expired."""
    while await delete_expired(engine):
        pass
    while await delete_old_prompts(engine):
        pass
    until = engine.clock.now() - MINUTE_SECONDS
    await engine.database.write(partial(taken.forget_begun, until=until))
    await engine.blobs.trim()

"""The commands `python -m app backup FILE` and `restore FILE`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.backup.backup import Summary, back_up, restore
from app.database import Database
from app.engine.store.blobs import Blobs
from app.engine_parts import blob_bucket
from app.errors import AppError
from app.settings import Settings

_Work = Callable[[Database, Blobs, Path], Awaitable[Summary]]


def run_backup(settings: Settings, path: Path) -> int:
    """Write a backup and say what is in it; return the exit code."""
    return _run(settings, path, back_up, f"{path} holds")


def run_restore(settings: Settings, path: Path) -> int:
    """Restore a backup into the empty server that the settings name; return the exit code."""
    return _run(settings, path, restore, "Restored")


def _run(settings: Settings, path: Path, work: _Work, verb: str) -> int:
    try:
        summary = asyncio.run(_with_stores(settings, path, work))
    except (AppError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{verb} {summary.rows:,} rows and {summary.files:,} files.\n")
    if summary.missing_files:
        sys.stdout.write(f"{summary.missing_files:,} files are known to the database but not in the store.\n")
    return 0


async def _with_stores(settings: Settings, path: Path, work: _Work) -> Summary:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    try:
        return await work(database, Blobs(settings.blob_dir, blob_bucket(settings)), path)
    finally:
        await database.aclose()

"""Files that a cell made, stored once: what a thread wrote again unchanged keeps its id."""

from __future__ import annotations

import filecmp
from functools import partial
from pathlib import Path, PurePosixPath

from anyio import to_thread
from sqlalchemy import Connection, select

from app.engine.engine import Engine
from app.engine.files import store_output
from app.engine.store import rows, tables
from app.wire.files import File


async def store_made(engine: Engine, thread_id: str, name: str, path: Path) -> File:
    """Store the copy of a made file, or let it go and return the thread's file of that name with the same content."""
    row = await engine.database.read(lambda connection: _newest(connection, thread_id, PurePosixPath(name).name))
    if row is not None and await _is_same(engine, path, row["blob"]):
        await to_thread.run_sync(path.unlink)
        return File.model_validate(row)
    return await store_output(engine, thread_id, name, path)


def _newest(connection: Connection, thread_id: str, name: str) -> rows.Row | None:
    files = tables.files
    query = select(files).where(files.c.thread_id == thread_id, files.c.filename == name)
    return connection.execute(query.order_by(files.c.seq.desc()).limit(1)).mappings().first()


async def _is_same(engine: Engine, path: Path, key: str) -> bool:
    try:
        blob = await engine.blobs.local(key)
    except FileNotFoundError:
        return False
    return await to_thread.run_sync(partial(filecmp.cmp, path, blob, shallow=False))

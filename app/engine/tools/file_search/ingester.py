"""The ingester: reads files that were added to vector stores; a file's words are found once all of it is there."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.engine.engine import Engine
from app.engine.store import chunks, rows, tables
from app.engine.store.rows import Row
from app.engine.tools.file_search.chunking import Chunk
from app.engine.tools.file_search.reader import read_chunks
from app.errors import AppError, InvalidRequest
from app.wire.vector_stores import StaticChunks

_log = logging.getLogger(__name__)

_AT_ONCE = 2
_LOOK_SECONDS = 1.0
_LEASE_SECONDS = 10.0
_HEARTBEAT_SECONDS = 3.0
_CHUNKS_PER_WRITE = 64
_MOST_ATTEMPTS = 5


class LostFileError(Exception):
    """The file was cancelled, removed, or taken over by another process."""


class Ingester:
    """Reads the waiting files of one process, a few at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._owner = secrets.token_hex(8)
        self._slots = anyio.CapacityLimiter(_AT_ONCE)
        self._ours: set[str] = set()

    async def work(self) -> None:
        """Work until cancelled; what is cut off is begun anew by whoever claims it next."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._heartbeat)
            while True:
                try:
                    for row_id in await self._engine.database.read(partial(_waiting, now=self._engine.clock.now())):
                        if row_id not in self._ours:
                            self._ours.add(row_id)
                            group.start_soon(self._ingest_in_turn, row_id)
                except SQLAlchemyError:
                    _log.exception("the database failed while looking for files to read")
                await self._engine.files_waiting.wait(_LOOK_SECONDS)

    async def _heartbeat(self) -> None:
        while True:
            await anyio.sleep(_HEARTBEAT_SECONDS)
            if not self._ours:
                continue
            until = self._engine.clock.now() + _LEASE_SECONDS
            try:
                await self._engine.database.write(partial(_renew, owner=self._owner, until=until))
            except SQLAlchemyError:
                _log.exception("the database failed while renewing leases of files")

    async def _ingest_in_turn(self, row_id: str) -> None:
        try:
            async with self._slots:
                await self._ingest(row_id)
        except LostFileError:
            _log.info("file %s is no longer wanted", row_id)
        except SQLAlchemyError:
            _log.exception("the database failed while reading file %s", row_id)
        finally:
            self._ours.discard(row_id)

    async def _ingest(self, row_id: str) -> None:
        now = self._engine.clock.now()
        row = await self._engine.database.write(partial(_claim, row_id=row_id, owner=self._owner, now=now))
        if row is None:
            return
        try:
            changes = await self._read(row)
        except AppError as exc:
            changes = _failure(exc)
        except (LostFileError, SQLAlchemyError):
            raise
        except Exception:  # a task's root: whatever happened is recorded on the file
            _log.exception("reading file %s failed unexpectedly", row_id)
            changes = _failure(AppError("The server failed while reading this file; its log says why."))
        await self._engine.database.write(partial(_finish, row=row, changes=changes))
        self._engine.files_read.ring()

    async def _read(self, row: Row) -> dict[str, Any]:
        """Read one file into chunks that nobody sees yet; return what completes it."""
        if row["fence"] > _MOST_ATTEMPTS:
            raise AppError(f"The server stopped {_MOST_ATTEMPTS} times while reading this file.")
        file = await self._engine.database.read(partial(rows.get_row, table=tables.files, object_id=row["file_id"]))
        if file is None:
            raise LostFileError(row["id"])
        chunking = StaticChunks.model_validate(row["chunking_strategy"]["static"])
        gathered: list[Chunk] = []
        count = size = 0
        path = await self._local(file)
        async with aclosing(read_chunks(path, file["filename"], chunking)) as found:
            async for chunk in found:
                gathered.append(chunk)
                size += len(chunk.text.encode())
                if len(gathered) == _CHUNKS_PER_WRITE:
                    await self._store(row, gathered, count)
                    count, gathered = count + len(gathered), []
        await self._store(row, gathered, count)
        # With an embedding model the file is completed by the embedding worker.
        status = "completed" if self._engine.vectors is None else "in_progress"
        return {"status": status, "is_read": True, "usage_bytes": size}

    async def _local(self, file: Row) -> Path:
        try:
            return await self._engine.blobs.local(file["blob"])
        except FileNotFoundError as exc:
            raise AppError("The file's bytes are gone from the file store. Upload it again.") from exc

    async def _store(self, row: Row, found: Sequence[Chunk], first: int) -> None:
        values = [
            {
                "vector_store_id": row["vector_store_id"],
                "store_file_id": row["id"],
                "number": first + offset,
                "page": chunk.page,
                "text": chunk.text,
                "embedding": None,
            }
            for offset, chunk in enumerate(found)
        ]
        await self._engine.database.write(partial(_add_chunks, row=row, values=values))


def _waiting(connection: Connection, now: float) -> list[str]:
    owned = tables.store_files.c
    is_free = owned.lease_until.is_(None) | (owned.lease_until < now)
    is_unread = (owned.status == "in_progress") & ~owned.is_read
    query = select(owned.id).where(is_unread, is_free).order_by(owned.seq).limit(100)
    return list(connection.execute(query).scalars())


def _claim(connection: Connection, row_id: str, owner: str, now: float) -> Row | None:
    """Take a waiting file, and take away what an interrupted attempt left of it."""
    owned = tables.store_files
    query = (
        update(owned)
        .where(
            owned.c.id == row_id,
            owned.c.status == "in_progress",
            ~owned.c.is_read,
            owned.c.lease_until.is_(None) | (owned.c.lease_until < now),
        )
        .values(lease_owner=owner, lease_until=now + _LEASE_SECONDS, fence=owned.c.fence + 1)
    )
    if connection.execute(query).rowcount != 1:
        return None
    chunks.delete_chunks(connection, row_id)
    return rows.get_row(connection, owned, row_id)


def _renew(connection: Connection, owner: str, until: float) -> None:
    owned = tables.store_files
    connection.execute(
        update(owned).where(owned.c.lease_owner == owner, owned.c.status == "in_progress").values(lease_until=until)
    )


def _add_chunks(connection: Connection, row: Row, values: Sequence[dict[str, Any]]) -> None:
    _require_ours(connection, row)
    chunks.insert_chunks(connection, values)


def _finish(connection: Connection, row: Row, changes: dict[str, Any]) -> None:
    _require_ours(connection, row)
    if changes["status"] == "failed":
        chunks.delete_chunks(connection, row["id"])
    rows.update_row(connection, tables.store_files, row["id"], {**changes, "lease_owner": None, "lease_until": None})


def _require_ours(connection: Connection, row: Row) -> None:
    """Raise `LostFileError` unless the file is still ours; its row stays locked, so that nobody claims it meanwhile."""
    owned = tables.store_files.c
    query = select(owned.status).where(owned.seq == row["seq"], owned.fence == row["fence"]).with_for_update()
    if connection.execute(query).scalar_one_or_none() != "in_progress":
        raise LostFileError(row["id"])


def _failure(error: AppError) -> dict[str, Any]:
    code = error.code if isinstance(error, InvalidRequest) and error.code else "server_error"
    return {"status": "failed", "last_error": {"code": code, "message": error.message}, "usage_bytes": 0}

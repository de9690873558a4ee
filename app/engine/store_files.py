"""Rows of files in vector stores, inside a unit of work: add, find, count, remove."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from app.engine.engine import Engine
from app.engine.files import require_file_ids
from app.engine.store import chunks, rows, tables
from app.errors import NotFound
from app.wire.vector_stores import DEFAULT_CHUNKS, AutoChunking, FileCounts, StaticChunking, StoreFile


def store_file_id(store_id: str, file_id: str) -> str:
    """Return the id of a file's row in a store."""
    return f"{store_id}.{file_id}"


def add_file_rows(
    engine: Engine,
    connection: Connection,
    store_id: str,
    file_ids: Iterable[str],
    chunking: AutoChunking | StaticChunking | None = None,
    *,
    attributes: dict[str, Any] | None = None,
    batch_id: str | None = None,
) -> None:
    """Queue files for reading; one that is in the store already is read anew. Raises `NotFound`."""
    wanted = list(dict.fromkeys(file_ids))
    require_file_ids(connection, wanted)
    static = chunking.static if isinstance(chunking, StaticChunking) else DEFAULT_CHUNKS
    for file_id in wanted:
        row_id = store_file_id(store_id, file_id)
        if rows.delete_row(connection, tables.store_files, row_id):
            chunks.delete_chunks(connection, row_id)
        rows.insert_row(
            connection,
            tables.store_files,
            {
                "id": row_id,
                "created_at": engine.now(),
                "vector_store_id": store_id,
                "file_id": file_id,
                "batch_id": batch_id,
                "status": "in_progress",
                "last_error": None,
                "usage_bytes": 0,
                "chunking_strategy": {"type": "static", "static": static.model_dump()},
                "attributes": attributes or {},
            },
        )


def find_store_file(connection: Connection, store_id: str, file_id: str) -> rows.Row:
    """Return a file's row in a store; raises `NotFound`."""
    row = rows.get_row(connection, tables.store_files, store_file_id(store_id, file_id))
    if row is None:
        raise NotFound(f"No file found with id '{file_id}' in vector store '{store_id}'.")
    return row


def to_store_file(row: rows.Row) -> StoreFile:
    """Return a row as the API shows it, under the file's own id."""
    return StoreFile.model_validate({**row, "id": row["file_id"]})


def count_files(connection: Connection, **equal: str) -> FileCounts:
    """Count files by status, of one store or one batch."""
    owned = tables.store_files.c
    query = (
        select(owned.status, func.count())
        .where(*(owned[name] == value for name, value in equal.items()))
        .group_by(owned.status)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return FileCounts(**counts, total=sum(counts.values()))


def is_being_read(connection: Connection, store_ids: Sequence[str], since: int) -> bool:
    """Tell whether a file's words are not there yet, or the vectors of one that was added after `since`."""
    owned = tables.store_files.c
    is_early = ~owned.is_read | (owned.created_at > since)
    query = select(owned.seq).where(owned.vector_store_id.in_(store_ids), owned.status == "in_progress", is_early)
    return connection.execute(query.limit(1)).first() is not None

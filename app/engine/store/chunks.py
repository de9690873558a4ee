"""Chunks: insert, read, and delete at once or later."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from app.engine.store import rows, tables

_MOST_AT_ONCE = 64
"""Of more chunks the deletion is left for later: each costs SQLite 0.15 ms or more, since its words leave the index."""
_SLICE = 8

_chunk, _owner, _file, _store = tables.chunks.c, tables.store_files.c, tables.files.c, tables.vector_stores.c
_discarded = tables.discarded_chunks


def insert_chunks(connection: Connection, values: Sequence[rows.Values]) -> None:
    """Insert chunks of one file."""
    if not values:
        return
    numbered = (
        update(tables.vector_stores)
        .where(_store.id == values[0]["vector_store_id"])
        .values(last_chunk=_store.last_chunk + len(values))
        .returning(_store.seq, _store.last_chunk)
    )
    store, last = connection.execute(numbered).one()
    first = store * tables.CHUNKS_OF_A_STORE + last - len(values) + 1
    connection.execute(insert(tables.chunks), [{**one, "seq": first + offset} for offset, one in enumerate(values)])


def delete_chunks(connection: Connection, store_file_id: str) -> None:
    """Delete the chunks of one file in a store, many of them later, and note that the store's vectors changed."""
    store_id = store_file_id.partition(".")[0]
    connection.execute(update(tables.vector_stores).where(_store.id == store_id).values(revision=_store.revision + 1))
    last = connection.execute(select(func.max(_chunk.number)).where(_chunk.store_file_id == store_file_id)).scalar()
    if last is None:
        return
    ours = _chunk.store_file_id == store_file_id
    if last < _MOST_AT_ONCE:
        connection.execute(delete(tables.chunks).where(ours))
        return
    # The file may be added again before they are gone, so they get another name.
    name = f"~{secrets.token_hex(16)}"
    connection.execute(update(tables.chunks).where(ours).values(store_file_id=name))
    connection.execute(insert(_discarded).values(store_file_id=name))


def discard_store(connection: Connection, store_id: str) -> None:
    """Leave the chunks of a store, whose files' rows are still there, to be deleted later."""
    files = select(_owner.id).where(_owner.vector_store_id == store_id)
    connection.execute(insert(_discarded).from_select(["store_file_id"], files))


def delete_discarded(connection: Connection, seconds: float) -> bool:
    """Delete chunks that wait for it, for about so long; say whether there were any."""
    owner = connection.execute(select(_discarded.c.store_file_id).limit(1)).scalar_one_or_none()
    if owner is None:
        return False
    some = select(_chunk.seq).where(_chunk.store_file_id == owner).limit(_SLICE)
    until = time.monotonic() + seconds
    count = _SLICE
    while count == _SLICE and time.monotonic() < until:
        count = connection.execute(delete(tables.chunks).where(_chunk.seq.in_(some))).rowcount
    if count < _SLICE:
        connection.execute(delete(_discarded).where(_discarded.c.store_file_id == owner))
    return True


def is_any_discarded(connection: Connection) -> bool:
    """Tell whether chunks wait for their deletion."""
    return connection.execute(select(_discarded.c.store_file_id).limit(1)).first() is not None


def read_chunks(connection: Connection, seqs: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return chunks that may be seen, with their file's id, name and attributes, by number."""
    query = (
        select(_chunk.seq, _chunk.text, _chunk.page, _owner.file_id, _owner.attributes, _file.filename)
        .join_from(tables.chunks, tables.store_files, _owner.id == _chunk.store_file_id)
        .join(tables.files, _file.id == _owner.file_id)
        .where(_chunk.seq.in_(seqs), _owner.is_read)
    )
    return {row["seq"]: dict(row) for row in connection.execute(query).mappings()}


def read_attributes(connection: Connection, store_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the attributes of the stores' files that may be seen, by the id of the file in its store."""
    query = select(_owner.id, _owner.attributes).where(_owner.vector_store_id.in_(store_ids), _owner.is_read)
    return {row[0]: row[1] for row in connection.execute(query)}


def read_texts(connection: Connection, store_file_id: str) -> list[str]:
    """Return a file's chunks in their order."""
    query = select(_chunk.text).where(_chunk.store_file_id == store_file_id).order_by(_chunk.number)
    return list(connection.execute(query).scalars())


def remove_file(connection: Connection, file_id: str) -> None:
    """Take a file out of every store."""
    owned = tables.store_files
    removed = delete(owned).where(owned.c.file_id == file_id).returning(owned.c.id)
    for row_id in connection.execute(removed).scalars().all():
        delete_chunks(connection, row_id)

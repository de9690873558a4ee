"""Vectors of chunks, as the database keeps them: which files wait for theirs, which a store has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, update

from app.engine.store import rows, tables

_BYTES = 4

_chunk, _owner, _store = tables.chunks.c, tables.store_files.c, tables.vector_stores.c


@dataclass(frozen=True, slots=True)
class Lease:
    """Who embeds a file, with which model, and until when nobody else begins with it."""

    owner: str
    model: str
    until: float


def forget_other_models(connection: Connection, model: str) -> None:
    """Let files that another model embedded be embedded anew."""
    query = update(tables.store_files).where(_owner.is_embedded, _owner.embedding_model != model)
    connection.execute(query.values(is_embedded=False))


def claim_file(connection: Connection, lease: Lease, now: float) -> rows.Row | None:
    """Take a file that is to be embedded: files that are still `in_progress` first."""
    waiting = (
        select(_owner.seq)
        .where(
            _owner.is_read,
            ~_owner.is_embedded,
            _owner.status.in_(["in_progress", "completed"]),
            or_(_owner.lease_until.is_(None), _owner.lease_until < now),
        )
        .order_by(_owner.status.desc(), _owner.seq)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    query = (
        update(tables.store_files)
        .where(_owner.seq == waiting.scalar_subquery())
        .values(lease_owner=lease.owner, lease_until=lease.until)
        .returning(tables.store_files)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None or row["embedding_model"] == lease.model:
        return row
    _set(connection, row, {"embedding_model": lease.model, "embedded_chunks": 0})
    return rows.get_row(connection, tables.store_files, row["id"])


def next_chunks(connection: Connection, file: rows.Row, done: int, limit: int) -> Sequence[rows.Row]:
    """Return the file's chunks after the first `done`."""
    query = (
        select(_chunk.seq, _chunk.text)
        .where(_chunk.store_file_id == file["id"], _chunk.number >= done)
        .order_by(_chunk.number)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def keep_vectors(
    connection: Connection, file: rows.Row, lease: Lease, done: int, vectors: Sequence[tuple[int, bytes]]
) -> bool:
    """Store vectors by their chunks' numbers; from now on the store is the model's. False where the file is not ours.

    The dimension is recorded beside the model, since a provider's model may be set to another one.
    """
    if not _set(connection, file, {"embedded_chunks": done, "lease_until": lease.until}, lease):
        return False
    for seq, vector in vectors:
        connection.execute(update(tables.chunks).where(_chunk.seq == seq).values(embedding=vector))
    dimension = len(vectors[0][1]) // _BYTES
    is_other = or_(
        _store.embedding_model.is_distinct_from(lease.model), _store.embedding_dimension.is_distinct_from(dimension)
    )
    query = update(tables.vector_stores).where(_store.id == file["vector_store_id"], is_other)
    connection.execute(query.values(embedding_model=lease.model, embedding_dimension=dimension))
    return True


def finish_file(connection: Connection, file: rows.Row, lease: Lease) -> None:
    """Complete a file whose chunks all have their vectors."""
    values = {"is_embedded": True, "status": "completed", "lease_owner": None, "lease_until": None}
    if _set(connection, file, values, lease):
        query = update(tables.vector_stores).where(_store.id == file["vector_store_id"])
        connection.execute(query.values(revision=_store.revision + 1))


def complete_without_vectors(connection: Connection) -> None:
    """Complete the files that are read, though they can be found by words only for now."""
    query = update(tables.store_files).where(_owner.is_read, ~_owner.is_embedded, _owner.status == "in_progress")
    connection.execute(query.values(status="completed", lease_owner=None, lease_until=None))


def is_any_waiting(connection: Connection) -> bool:
    """Tell whether a file that is read is still `in_progress`."""
    query = select(_owner.seq).where(_owner.is_read, ~_owner.is_embedded, _owner.status == "in_progress").limit(1)
    return connection.execute(query).first() is not None


def revision_of(connection: Connection, store_id: str, model: str) -> tuple[int, int] | None:
    """Return a number that changes with the store's vectors, and their dimension; None where it has none."""
    query = select(_store.revision, _store.embedding_dimension).where(
        _store.id == store_id, _store.embedding_model == model, _store.embedding_dimension.is_not(None)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def embedded_files(connection: Connection, store_id: str, model: str) -> dict[str, int]:
    """Return the files of a store that have the model's vectors: their number by their id in the store."""
    query = select(_owner.id, _owner.seq).where(
        _owner.vector_store_id == store_id, _owner.is_embedded, _owner.embedding_model == model
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def read_vectors(
    connection: Connection, store_file_ids: Sequence[str], at_once: int
) -> Iterator[Sequence[tuple[int, str, bytes]]]:
    """Yield number, file and vector of chunks, some at a time."""
    query = (
        select(_chunk.seq, _chunk.store_file_id, _chunk.embedding)
        .where(_chunk.store_file_id.in_(store_file_ids), _chunk.embedding.is_not(None))
        .order_by(_chunk.store_file_id, _chunk.number)
        .execution_options(yield_per=at_once)
    )
    for part in connection.execute(query).partitions():
        yield [(seq, store_file_id, vector) for seq, store_file_id, vector in part]


def _set(connection: Connection, file: rows.Row, values: rows.Values, lease: Lease | None = None) -> bool:
    query = update(tables.store_files).where(_owner.seq == file["seq"])
    if lease is not None:
        query = query.where(_owner.lease_owner == lease.owner, _owner.embedding_model == lease.model)
    return connection.execute(query.values(**values)).rowcount == 1

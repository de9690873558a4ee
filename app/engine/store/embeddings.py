"""Vectors of chunks, as the database keeps them: which are missing, which a store has."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from app.engine.store import rows, tables

_chunk, _owner, _store = tables.chunks.c, tables.store_files.c, tables.vector_stores.c


def chunks_without_vector(connection: Connection, model: str, limit: int) -> Sequence[rows.Row]:
    """Return chunks that are to be embedded by `model`: of files that are read, in stores without another model."""
    query = (
        select(_chunk.seq, _chunk.text, _chunk.vector_store_id)
        .join_from(tables.chunks, tables.store_files, _owner.id == _chunk.store_file_id)
        .join(tables.vector_stores, _store.id == _chunk.vector_store_id)
        .where(
            _chunk.embedding.is_(None),
            _owner.status == "completed",
            _store.embedding_model.is_(None) | (_store.embedding_model == model),
        )
        .order_by(_chunk.seq)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def keep_vectors(connection: Connection, model: str, found: Sequence[rows.Row], vectors: Sequence[bytes]) -> None:
    """Store the vectors, unless their store has come to belong to another model meanwhile."""
    store_ids = sorted({row["vector_store_id"] for row in found})
    query = (
        update(tables.vector_stores)
        .where(_store.id.in_(store_ids), _store.embedding_model.is_(None) | (_store.embedding_model == model))
        .values(embedding_model=model, revision=_store.revision + 1)
        .returning(_store.id)
    )
    ours = set(connection.execute(query).scalars())
    for row, vector in zip(found, vectors, strict=True):
        if row["vector_store_id"] in ours:
            connection.execute(update(tables.chunks).where(_chunk.seq == row["seq"]).values(embedding=vector))


def revision_of(connection: Connection, store_id: str, model: str) -> int | None:
    """Return a number that changes with the store's vectors; None where it has none of this model."""
    query = select(_store.revision).where(_store.id == store_id, _store.embedding_model == model)
    return connection.execute(query).scalar_one_or_none()


def vector_seqs(connection: Connection, store_id: str) -> list[int]:
    """Return the numbers of the store's chunks that have a vector and may be seen."""
    query = (
        select(_chunk.seq)
        .join_from(tables.chunks, tables.store_files, _owner.id == _chunk.store_file_id)
        .where(_chunk.vector_store_id == store_id, _chunk.embedding.is_not(None), _owner.status == "completed")
        .order_by(_chunk.seq)
    )
    return list(connection.execute(query).scalars())


def read_vectors(connection: Connection, seqs: Sequence[int]) -> dict[int, bytes]:
    """Return vectors by their chunk's number."""
    query = select(_chunk.seq, _chunk.embedding).where(_chunk.seq.in_(seqs), _chunk.embedding.is_not(None))
    return {row[0]: row[1] for row in connection.execute(query)}

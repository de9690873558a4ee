"""Chunks: insert, delete, find by words; each database ranks words its own way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text, update

from app.engine.store import rows, tables

_WORD = re.compile(r"\w+")
_MOST_WORDS = 64
_FREQUENT = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "did",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
    ]
)
_SQLITE_QUERY = text(
    "SELECT rowid FROM chunk_words WHERE chunk_words MATCH :words ORDER BY bm25(chunk_words, 0.0, 1.0) LIMIT :limit"
)
_POSTGRESQL_QUERY = text(
    "SELECT seq FROM chunks, to_tsquery('english', :words) AS query "
    "WHERE vector_store_id = ANY(:stores) AND chunk_words @@ query "
    "ORDER BY ts_rank_cd(chunk_words, query, 1) DESC, seq LIMIT :limit"
)


def insert_chunks(connection: Connection, values: Sequence[rows.Values]) -> None:
    """Insert chunks of one file."""
    if values:
        connection.execute(insert(tables.chunks), [dict(one) for one in values])


def delete_chunks(connection: Connection, store_file_id: str) -> None:
    """Delete all chunks of one file in a store, and note that the store's vectors changed."""
    stores = tables.vector_stores
    store_id = store_file_id.partition(".")[0]
    connection.execute(update(stores).where(stores.c.id == store_id).values(revision=stores.c.revision + 1))
    connection.execute(delete(tables.chunks).where(tables.chunks.c.store_file_id == store_file_id))


def find_by_words(connection: Connection, store_ids: Sequence[str], query: str, limit: int) -> list[int]:
    """Return the numbers of the chunks that hold the query's words, best first; any word counts."""
    words = search_words(query)
    if not words or not store_ids:
        return []
    if connection.dialect.name == "sqlite":
        stores = " OR ".join(f'"{store_id}"' for store_id in store_ids)
        wanted = " OR ".join(f'"{word}"' for word in words)
        match = f"vector_store_id : ({stores}) AND text : ({wanted})"
        found = connection.execute(_SQLITE_QUERY, {"words": match, "limit": limit})
    else:
        wanted = " | ".join(f"'{word}'" for word in words)
        found = connection.execute(_POSTGRESQL_QUERY, {"words": wanted, "stores": list(store_ids), "limit": limit})
    return [int(seq) for seq in found.scalars()]


def search_words(query: str) -> list[str]:
    """Return the words that a search looks for, once each; words that every text has are left out."""
    words = list(dict.fromkeys(_WORD.findall(query.lower())))
    return ([word for word in words if word not in _FREQUENT] or words)[:_MOST_WORDS]


def read_chunks(connection: Connection, seqs: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return chunks that may be seen, with their file's id, name and attributes, by number."""
    chunk, owner, file = tables.chunks.c, tables.store_files.c, tables.files.c
    query = (
        select(chunk.seq, chunk.text, chunk.page, chunk.store_file_id, owner.file_id, owner.attributes, file.filename)
        .join_from(tables.chunks, tables.store_files, owner.id == chunk.store_file_id)
        .join(tables.files, file.id == owner.file_id)
        .where(chunk.seq.in_(seqs), owner.status == "completed")
    )
    return {row["seq"]: dict(row) for row in connection.execute(query).mappings()}


def read_texts(connection: Connection, store_file_id: str) -> list[str]:
    """Return a file's chunks in their order."""
    chunk = tables.chunks.c
    query = select(chunk.text).where(chunk.store_file_id == store_file_id).order_by(chunk.number)
    return list(connection.execute(query).scalars())


def remove_file(connection: Connection, file_id: str) -> None:
    """Take a file out of every store."""
    owned = tables.store_files
    removed = delete(owned).where(owned.c.file_id == file_id).returning(owned.c.id)
    for row_id in connection.execute(removed).scalars().all():
        delete_chunks(connection, row_id)

"""Vector stores: create, read, list, change, delete; and the stores of assistants and threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from app.engine.engine import Engine
from app.engine.files import require_files
from app.engine.store import chunks, rows, tables
from app.engine.store_files import add_file_rows
from app.errors import Conflict, InvalidRequest, NotFound
from app.wire.base import Deleted
from app.wire.pages import Page, page_of
from app.wire.tools import NewVectorStore, ToolResources
from app.wire.vector_stores import CreateVectorStore, FileCounts, ModifyVectorStore, VectorStore

_SECONDS_PER_DAY = 86_400
THREAD_STORE_EXPIRY = {"anchor": "last_active_at", "days": 7}
"""When a store that was made for a thread expires."""


async def create_vector_store(engine: Engine, body: CreateVectorStore) -> VectorStore:
    """Store a new vector store and queue its first files."""
    expiry = body.expires_after.model_dump() if body.expires_after else None

    def insert(connection: Connection) -> VectorStore:
        store_id = insert_vector_store(
            engine,
            connection,
            {"name": body.name, "description": body.description, "metadata": body.metadata or {}},
            expires_after=expiry,
        )
        add_file_rows(engine, connection, store_id, body.file_ids or [], body.chunking_strategy)
        return _find(engine, connection, store_id)

    store = await engine.database.write(insert)
    engine.files_waiting.ring()
    return store


async def get_vector_store(engine: Engine, store_id: str) -> VectorStore:
    """Return one store; raises `NotFound`."""
    return await engine.database.read(lambda connection: _find(engine, connection, store_id))


async def list_vector_stores(engine: Engine, cursor: rows.Cursor) -> Page[VectorStore]:
    """Return one page of stores."""

    def read(connection: Connection) -> list[VectorStore]:
        found = rows.list_rows(connection, tables.vector_stores, cursor)
        return _described(engine, connection, found)

    return page_of(await engine.database.read(read), cursor.limit)


async def modify_vector_store(engine: Engine, store_id: str, body: ModifyVectorStore) -> VectorStore:
    """Change the fields that are given; null takes name and expiry away."""
    values = body.model_dump(exclude_unset=True)
    if values.get("metadata", {}) is None:
        del values["metadata"]

    def change(connection: Connection) -> VectorStore:
        if not rows.update_row(connection, tables.vector_stores, store_id, values):
            raise no_vector_store(store_id)
        return _find(engine, connection, store_id)

    return await engine.database.write(change)


async def delete_vector_store(engine: Engine, store_id: str) -> Deleted:
    """Delete a store with what was read from its files, which takes a while; the files stay."""

    def remove(connection: Connection) -> None:
        if not rows.delete_row(connection, tables.vector_stores, store_id):
            raise no_vector_store(store_id)
        chunks.discard_store(connection, store_id)
        for table in (tables.store_files, tables.file_batches):
            connection.execute(delete(table).where(table.c.vector_store_id == store_id))

    await engine.database.write(remove)
    if engine.vectors is not None:
        engine.vectors.forget(store_id)
    return Deleted(id=store_id, object="vector_store.deleted")


def find_store_row(connection: Connection, store_id: str) -> rows.Row:
    """Return a store's row; raises `NotFound`."""
    row = rows.get_row(connection, tables.vector_stores, store_id)
    if row is None:
        raise no_vector_store(store_id)
    return row


def require_alive(connection: Connection, store_id: str, now: int) -> None:
    """Raise `NotFound` for an unknown store and `Conflict` for an expired one."""
    expires_at = _expires_at(find_store_row(connection, store_id))
    if expires_at is not None and expires_at <= now:
        raise Conflict(f"Vector store '{store_id}' has expired. Create a new one and add the files again.")


def touch(connection: Connection, store_ids: Sequence[str], now: int) -> None:
    """Note that stores are in use, whoever uses them, which moves their expiry."""
    stores = tables.vector_stores
    connection.execute(update(stores).where(stores.c.id.in_(store_ids)).values(last_active_at=now))


def insert_vector_store(
    engine: Engine, connection: Connection, values: rows.Values, *, expires_after: dict[str, Any] | None
) -> str:
    """Insert a store, inside a unit of work; return its id."""
    now = engine.now()
    row = {
        "id": engine.ids.new("vs_"),
        "created_at": now,
        "name": None,
        "description": None,
        "metadata": {},
        "expires_after": expires_after,
        "last_active_at": now,
        "embedding_model": None,
        **values,
    }
    rows.insert_row(connection, tables.vector_stores, row)
    return str(row["id"])


def settle_resources(
    engine: Engine, connection: Connection, resources: ToolResources | None, *, for_thread: bool
) -> dict[str, Any]:
    """Check what `tool_resources` names, create the stores it asks for, and return what is to be kept.

    Raises `NotFound` for unknown files and stores, `InvalidRequest` for more than one store.
    """
    if resources is None:
        return {}
    kept = resources.model_dump(exclude_none=True)
    require_files(connection, kept)
    search = resources.file_search
    if search is None:
        return kept
    for store_id in search.vector_store_ids:
        find_store_row(connection, store_id)
    wanted = search.vector_stores or []
    if search.vector_store_ids and wanted:
        raise InvalidRequest(
            "An assistant or thread searches one vector store: give vector_store_ids or vector_stores, not both.",
            param="tool_resources.file_search",
        )
    made = [_insert_asked(engine, connection, asked, for_thread=for_thread) for asked in wanted]
    return {**kept, "file_search": {"vector_store_ids": [*search.vector_store_ids, *made]}}


def _insert_asked(engine: Engine, connection: Connection, asked: NewVectorStore, *, for_thread: bool) -> str:
    if not asked.file_ids:
        raise InvalidRequest(
            "file_search tool configuration is invalid. file_ids must be non-empty",
            param="tool_resources.file_search.vector_stores",
        )
    store_id = insert_vector_store(
        engine,
        connection,
        {"metadata": asked.metadata or {}},
        expires_after=THREAD_STORE_EXPIRY if for_thread else None,
    )
    add_file_rows(engine, connection, store_id, asked.file_ids, asked.chunking_strategy)
    return store_id


def _find(engine: Engine, connection: Connection, store_id: str) -> VectorStore:
    return _described(engine, connection, [find_store_row(connection, store_id)])[0]


def _described(engine: Engine, connection: Connection, found: Sequence[rows.Row]) -> list[VectorStore]:
    """Count the stores' files, all at once."""
    owned = tables.store_files.c
    query = (
        select(owned.vector_store_id, owned.status, func.count(), func.sum(owned.usage_bytes))
        .where(owned.vector_store_id.in_([row["id"] for row in found]))
        .group_by(owned.vector_store_id, owned.status)
    )
    counted: dict[str, dict[str, int]] = {}
    used: dict[str, int] = {}
    for store_id, status, count, size in connection.execute(query):
        counted.setdefault(store_id, {})[status] = count
        used[store_id] = used.get(store_id, 0) + int(size)
    return [_vector_store(engine.now(), row, counted.get(row["id"], {}), used.get(row["id"], 0)) for row in found]


def _vector_store(now: int, row: rows.Row, counts: dict[str, int], usage_bytes: int) -> VectorStore:
    expires_at = _expires_at(row)
    status = "in_progress" if counts.get("in_progress") else "completed"
    if expires_at is not None and expires_at <= now:
        status = "expired"
    return VectorStore.model_validate(
        {
            **row,
            "usage_bytes": usage_bytes,
            "file_counts": FileCounts(**counts, total=sum(counts.values())),
            "status": status,
            "expires_at": expires_at,
        }
    )


def _expires_at(row: rows.Row) -> int | None:
    if row["expires_after"] is None:
        return None
    return int(row["last_active_at"]) + int(row["expires_after"]["days"]) * _SECONDS_PER_DAY


def no_vector_store(store_id: str) -> NotFound:
    """Make the hosted service's error for an unknown store."""
    return NotFound(f"No vector store found with id '{store_id}'.")

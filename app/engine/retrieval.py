"""The vector store behind v1's `retrieval`, in which an assistant's files are searched without anybody making one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from app.engine.assistants import find_assistant
from app.engine.engine import Engine
from app.engine.files import find_files
from app.engine.store import chunks, rows, tables
from app.engine.store_files import add_file_rows, store_file_id
from app.engine.tools.file_search.kinds import is_searchable
from app.engine.vector_stores import delete_vector_store, insert_vector_store


async def serve_retrieval(engine: Engine, assistant_id: str) -> None:
    """Make the assistant's store hold those of its files that can be searched, if it has the tool.

    An assistant that was given a store of another making keeps it.
    """
    await engine.database.write(lambda connection: _serve(engine, connection, assistant_id))
    engine.files_waiting.ring()


async def end_retrieval(engine: Engine, assistant_id: str) -> None:
    """Delete the store that was made for an assistant, if there is one."""
    store_id = await engine.database.read(lambda connection: find_own_store(connection, assistant_id))
    if store_id is not None:
        await delete_vector_store(engine, store_id)


def find_own_store(connection: Connection, assistant_id: str) -> str | None:
    """Return the id of the store that was made for an assistant."""
    store = tables.vector_stores.c
    query = select(store.id).where(store.name == _name(assistant_id)).order_by(store.seq).limit(1)
    return connection.execute(rows.owned(connection, tables.vector_stores, query)).scalar_one_or_none()


def _serve(engine: Engine, connection: Connection, assistant_id: str) -> None:
    row = find_assistant(connection, assistant_id)
    resources: dict[str, Any] = row["tool_resources"]
    own = find_own_store(connection, assistant_id)
    attached = (resources.get("file_search") or {}).get("vector_store_ids") or []
    if any(store_id != own for store_id in attached):
        return
    searches = any(tool["type"] == "file_search" for tool in row["tools"])
    held = (resources.get("code_interpreter") or {}).get("file_ids", []) if searches else []
    wanted = [file["id"] for file in find_files(connection, held) if is_searchable(file["filename"])]
    if own is None:
        if not wanted:
            return
        own = insert_vector_store(engine, connection, {"name": _name(assistant_id)}, expires_after=None)
    if not attached:
        changed = {**resources, "file_search": {"vector_store_ids": [own]}}
        rows.update_row(connection, tables.assistants, assistant_id, {"tool_resources": changed})
    _bring_up_to_date(engine, connection, own, wanted)


def _bring_up_to_date(engine: Engine, connection: Connection, store_id: str, wanted: Iterable[str]) -> None:
    owned = tables.store_files.c
    query = select(owned.file_id).where(owned.vector_store_id == store_id)
    there, wanted = set(connection.execute(query).scalars()), list(wanted)
    for file_id in there.difference(wanted):
        rows.delete_row(connection, tables.store_files, store_file_id(store_id, file_id))
        chunks.delete_chunks(connection, store_file_id(store_id, file_id))
    add_file_rows(engine, connection, store_id, [file_id for file_id in wanted if file_id not in there])


def _name(assistant_id: str) -> str:
    return f"Files of {assistant_id}"

"""Files and batches of files in vector stores: add, read, list, change, cancel, remove."""

from __future__ import annotations

from pathlib import PurePath

from sqlalchemy import Connection, update

from app.engine.engine import Engine
from app.engine.files import find_files, require_file_ids
from app.engine.store import chunks, rows, tables
from app.engine.store_files import add_file_rows, count_files, find_store_file, store_file_id, to_store_file
from app.engine.tools.file_search.kinds import is_searchable
from app.engine.vector_stores import find_store_row, require_alive
from app.errors import InvalidRequest, NotFound
from app.wire.base import Deleted
from app.wire.pages import Page, page_of
from app.wire.vector_stores import (
    AddFile,
    AddFiles,
    ContentPart,
    FileBatch,
    ModifyStoreFile,
    StoreFile,
    StoreFileContent,
    StoreFileStatus,
)


async def add_file(engine: Engine, store_id: str, body: AddFile) -> StoreFile:
    """Add one file to a store and queue it for reading; a type that can't be searched is refused."""

    def add(connection: Connection) -> StoreFile:
        require_alive(connection, store_id, engine.now())
        rows.require_own(connection, tables.vector_stores, store_id)
        require_file_ids(connection, [body.file_id])
        _require_searchable(connection, body.file_id)
        add_file_rows(engine, connection, store_id, [body.file_id], body.chunking_strategy, attributes=body.attributes)
        return to_store_file(find_store_file(connection, store_id, body.file_id))

    added = await engine.database.write(add)
    engine.files_waiting.ring()
    return added


async def get_file(engine: Engine, store_id: str, file_id: str) -> StoreFile:
    """Return one file of a store; raises `NotFound`."""

    def find(connection: Connection) -> StoreFile:
        find_store_row(connection, store_id)
        return to_store_file(find_store_file(connection, store_id, file_id))

    return await engine.database.read(find)


async def list_files(
    engine: Engine,
    store_id: str,
    cursor: rows.Cursor,
    status: StoreFileStatus | None = None,
    batch_id: str | None = None,
) -> Page[StoreFile]:
    """Return one page of a store's files, of one batch and one status where they are given."""
    equal = {"vector_store_id": store_id}
    equal |= {"status": status} if status else {}
    equal |= {"batch_id": batch_id} if batch_id else {}
    inside = rows.Cursor(cursor.limit, cursor.order, _row_id(store_id, cursor.after), _row_id(store_id, cursor.before))

    def read(connection: Connection) -> list[StoreFile]:
        find_store_row(connection, store_id)
        if batch_id is not None:
            _find_batch(connection, store_id, batch_id)
        return [to_store_file(row) for row in rows.list_rows(connection, tables.store_files, inside, **equal)]

    return page_of(await engine.database.read(read), cursor.limit)


async def modify_file(engine: Engine, store_id: str, file_id: str, body: ModifyStoreFile) -> StoreFile:
    """Replace a file's attributes."""

    def change(connection: Connection) -> StoreFile:
        find_store_row(connection, store_id)
        rows.require_own(connection, tables.vector_stores, store_id)
        row = find_store_file(connection, store_id, file_id)
        rows.update_row(connection, tables.store_files, row["id"], {"attributes": body.attributes or {}})
        return to_store_file(find_store_file(connection, store_id, file_id))

    return await engine.database.write(change)


async def remove_file(engine: Engine, store_id: str, file_id: str) -> Deleted:
    """Remove a file from a store; the file stays."""

    def remove(connection: Connection) -> None:
        find_store_row(connection, store_id)
        rows.require_own(connection, tables.vector_stores, store_id)
        row = find_store_file(connection, store_id, file_id)
        rows.delete_row(connection, tables.store_files, row["id"])
        chunks.delete_chunks(connection, row["id"])

    await engine.database.write(remove)
    return Deleted(id=file_id, object="vector_store.file.deleted")


async def read_content(engine: Engine, store_id: str, file_id: str) -> StoreFileContent:
    """Return the chunks of a file as they are searched, overlaps included."""

    def read(connection: Connection) -> list[str]:
        find_store_row(connection, store_id)
        row = find_store_file(connection, store_id, file_id)
        return chunks.read_texts(connection, row["id"]) if row["status"] == "completed" else []

    texts = await engine.database.read(read)
    return StoreFileContent(data=[ContentPart(text=text) for text in texts])


async def create_batch(engine: Engine, store_id: str, body: AddFiles) -> FileBatch:
    """Add several files at once; those that can't be searched fail one by one."""
    if bool(body.file_ids) == bool(body.files):
        raise InvalidRequest("Give either file_ids or files, at least one of them.", param="file_ids")
    batch_id = engine.ids.new("vsfb_")
    values = {"id": batch_id, "created_at": engine.now(), "vector_store_id": store_id, "is_cancelled": False}

    def add(connection: Connection) -> FileBatch:
        require_alive(connection, store_id, engine.now())
        rows.require_own(connection, tables.vector_stores, store_id)
        rows.insert_row(connection, tables.file_batches, values)
        for file in _files_of(body):
            add_file_rows(
                engine,
                connection,
                store_id,
                [file.file_id],
                file.chunking_strategy,
                attributes=file.attributes,
                batch_id=batch_id,
            )
        return _find_batch(connection, store_id, batch_id)

    batch = await engine.database.write(add)
    engine.files_waiting.ring()
    return batch


async def get_batch(engine: Engine, store_id: str, batch_id: str) -> FileBatch:
    """Return one batch; raises `NotFound`."""

    def find(connection: Connection) -> FileBatch:
        find_store_row(connection, store_id)
        return _find_batch(connection, store_id, batch_id)

    return await engine.database.read(find)


async def cancel_batch(engine: Engine, store_id: str, batch_id: str) -> FileBatch:
    """Stop reading those files of a batch that are not done; a finished batch stays as it is."""
    owned = tables.store_files.c

    def cancel(connection: Connection) -> FileBatch:
        find_store_row(connection, store_id)
        rows.require_own(connection, tables.vector_stores, store_id)
        if _find_batch(connection, store_id, batch_id).status != "in_progress":
            return _find_batch(connection, store_id, batch_id)
        rows.update_row(connection, tables.file_batches, batch_id, {"is_cancelled": True})
        stop = (
            update(tables.store_files)
            .where(owned.batch_id == batch_id, owned.status == "in_progress")
            .values(status="cancelled")
            .returning(owned.id)
        )
        for row_id in connection.execute(stop).scalars().all():
            chunks.delete_chunks(connection, row_id)
        return _find_batch(connection, store_id, batch_id)

    return await engine.database.write(cancel)


def _files_of(body: AddFiles) -> list[AddFile]:
    if body.files:
        return body.files
    shared = {"chunking_strategy": body.chunking_strategy, "attributes": body.attributes}
    return [AddFile(file_id=file_id).model_copy(update=shared) for file_id in body.file_ids or ()]


def _find_batch(connection: Connection, store_id: str, batch_id: str) -> FileBatch:
    row = rows.get_row(connection, tables.file_batches, batch_id, vector_store_id=store_id)
    if row is None:
        raise NotFound(f"No file batch found with id '{batch_id}' in vector store '{store_id}'.")
    counts = count_files(connection, batch_id=batch_id)
    status: StoreFileStatus = "in_progress" if counts.in_progress else "completed"
    return FileBatch(
        id=batch_id,
        created_at=row["created_at"],
        vector_store_id=store_id,
        status="cancelled" if row["is_cancelled"] else status,
        file_counts=counts,
    )


def _require_searchable(connection: Connection, file_id: str) -> None:
    name = find_files(connection, [file_id])[0]["filename"]
    if not is_searchable(name):
        suffix = PurePath(name).suffix.lower()
        raise InvalidRequest(
            f"Files with extensions [{suffix or 'none'}] are not supported for retrieval. "
            "See https://platform.openai.com/docs/assistants/tools/file-search/supported-files",
            param="file_id",
            code="unsupported_file",
        )


def _row_id(store_id: str, file_id: str | None) -> str | None:
    return store_file_id(store_id, file_id) if file_id else None

"""Files: store, read, list, delete."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import anyio
from sqlalchemy import ColumnElement, Connection, String, Table, cast, select

from app.engine.engine import Engine
from app.engine.store import chunks, rows, tables
from app.engine.store.blobs import BlobWriter
from app.engine.thread_lock import find_owner
from app.errors import InvalidRequest, NotFound
from app.wire.base import Deleted
from app.wire.files import File
from app.wire.pages import Page, page_of

FileIdStyle = Literal["assistant-", "file-"]
_OUTPUT_STYLE: FileIdStyle = "assistant-"
_LONGEST_NAME = 255
_MOST_AT_ONCE = 100
_BATCH_SECONDS = 30 * 86_400
"""How long files of purpose `batch` are kept when nothing else is asked for (specification: createFile)."""


async def store_upload(
    engine: Engine,
    blob: BlobWriter,
    filename: str,
    purpose: str,
    style: FileIdStyle,
    lifetime_seconds: int | None = None,
) -> File:
    """Register an uploaded blob as a file, which expires after `lifetime_seconds` where they are given.

    Raises `InvalidRequest` where the person's storage is full; the blob is gone then.
    """
    if lifetime_seconds is None and purpose == "batch":
        lifetime_seconds = _BATCH_SECONDS
    try:
        return await _register(
            engine, blob.key, blob.size_bytes, filename, purpose, style=style, lifetime_seconds=lifetime_seconds
        )
    except InvalidRequest:
        await engine.blobs.delete(blob.key)
        raise


async def store_output(engine: Engine, thread_id: str, name: str, content: bytes | Path) -> File:
    """Store what the code interpreter made, as bytes or as a file that is moved; purpose `assistants_output`."""
    if isinstance(content, Path):
        size_bytes = (await anyio.Path(content).stat()).st_size
        key = await engine.blobs.adopt(content)
    else:
        size_bytes, key = len(content), await engine.blobs.put(content)
    return await _register(engine, key, size_bytes, name, "assistants_output", thread_id=thread_id)


async def get_file(engine: Engine, file_id: str) -> File:
    """Return one file's description; raises `NotFound`."""
    row = await engine.database.read(lambda connection: _find_file(connection, file_id, engine.now()))
    return File.model_validate(row)


async def list_files(engine: Engine, cursor: rows.Cursor, purpose: str | None) -> Page[File]:
    """Return one page of files, of one purpose where it is given."""
    equal = {"purpose": purpose} if purpose else {}
    alive = ~_is_expired(engine.now())

    def read(connection: Connection) -> list[File]:
        found = rows.list_rows(connection, tables.files, cursor, alive, **equal)
        return [File.model_validate(row) for row in found]

    return page_of(await engine.database.read(read), cursor.limit)


async def file_content(engine: Engine, file_id: str) -> tuple[File, Path]:
    """Return a file's description and where its bytes are on this machine; raises `NotFound`."""
    row = await engine.database.read(lambda connection: _find_file(connection, file_id, engine.now()))
    try:
        return File.model_validate(row), await engine.blobs.local(row["blob"])
    except FileNotFoundError as exc:
        raise NotFound(f"The bytes of file {file_id} are gone from the file store.", param="id") from exc


async def delete_file(engine: Engine, file_id: str) -> Deleted:
    """Delete a file and its bytes, and take it out of vector stores and the code interpreter's lists."""
    owners = await engine.database.read(lambda connection: _lenders(connection, file_id))

    def remove(connection: Connection) -> str:
        key = str(_find_file(connection, file_id, engine.now())["blob"])
        _remove_file(connection, file_id, owners)
        return key

    await engine.blobs.delete(await engine.database.write(remove))
    return Deleted(id=file_id, object="file")


async def delete_expired(engine: Engine) -> int:
    """Delete the files that have expired, as `delete_file` does; return how many there were."""
    found = await engine.database.read(lambda connection: _expired_files(connection, engine.now()))
    for file_id, key in found:
        # The bytes go first: if the server is killed in between, the row is still there to be found again.
        await engine.blobs.delete(key)
        owners = await engine.database.read(partial(_lenders, file_id=file_id))
        await engine.database.write(partial(_remove_file, file_id=file_id, owners=owners))
    return len(found)


def require_files(connection: Connection, tool_resources: dict[str, Any]) -> None:
    """Raise `NotFound` unless every file of the code interpreter is there."""
    require_file_ids(connection, tool_resources.get("code_interpreter", {}).get("file_ids", []))


def require_file_ids(connection: Connection, file_ids: Iterable[str]) -> None:
    """Raise `NotFound` unless every file is there."""
    wanted = list(dict.fromkeys(file_ids))
    if not wanted:
        return
    query = rows.seen(connection, tables.files, select(tables.files.c.id).where(tables.files.c.id.in_(wanted)))
    found = set(connection.execute(query).scalars())
    missing = [file_id for file_id in wanted if file_id not in found]
    if missing:
        raise NotFound(f"Files [{', '.join(missing)}] were not found. Upload them first.", param="file_ids")


def find_files(connection: Connection, file_ids: Iterable[str]) -> list[rows.Row]:
    """Return the rows of those files that are there, in the order asked."""
    wanted = list(dict.fromkeys(file_ids))
    if not wanted:
        return []
    query = rows.seen(connection, tables.files, select(tables.files).where(tables.files.c.id.in_(wanted)))
    found = connection.execute(query).mappings()
    by_id = {row["id"]: row for row in found}
    return [by_id[file_id] for file_id in wanted if file_id in by_id]


def find_outputs(connection: Connection, thread_id: str) -> dict[str, str]:
    """Return the newest file id of each name that the thread's code interpreter made."""
    query = (
        select(tables.files.c.filename, tables.files.c.id)
        .where(tables.files.c.thread_id == thread_id)
        .order_by(tables.files.c.seq)
    )
    return {str(name): str(file_id) for name, file_id in connection.execute(query)}


async def _register(
    engine: Engine,
    blob: str,
    size_bytes: int,
    filename: str,
    purpose: str,
    *,
    style: FileIdStyle = _OUTPUT_STYLE,
    thread_id: str | None = None,
    lifetime_seconds: int | None = None,
) -> File:
    now = engine.now()
    values = {
        "id": engine.ids.new(style),
        "created_at": now,
        "bytes": size_bytes,
        "expires_at": now + lifetime_seconds if lifetime_seconds is not None else None,
        "filename": _plain_name(filename),
        "purpose": purpose,
        "status": "processed",
        "status_details": None,
        "blob": blob,
        "thread_id": thread_id,
    }

    def insert(connection: Connection) -> None:
        owner = {"owner_id": find_owner(connection, thread_id)} if thread_id is not None else {}
        if thread_id is None:
            engine.allowance.take_storage(connection, size_bytes)
        rows.insert_row(connection, tables.files, {**values, **owner})

    await engine.database.write(insert)
    return File.model_validate(values)


def _remove_file(connection: Connection, file_id: str, owners: Iterable[tuple[Table, str]]) -> None:
    chunks.remove_file(connection, file_id)
    for table, owner_id in owners:
        _stop_lending(connection, table, owner_id, file_id)
    rows.delete_row(connection, tables.files, file_id)


def _expired_files(connection: Connection, now: int) -> list[tuple[str, str]]:
    query = select(tables.files.c.id, tables.files.c.blob).where(_is_expired(now)).limit(_MOST_AT_ONCE)
    return [(file_id, key) for file_id, key in connection.execute(query)]


def _is_expired(now: int) -> ColumnElement[bool]:
    expires_at = tables.files.c.expires_at
    return expires_at.is_not(None) & (expires_at <= now)


def _lenders(connection: Connection, file_id: str) -> list[tuple[Table, str]]:
    """Return the assistants and threads whose tools are lent the file."""
    found: list[tuple[Table, str]] = []
    for table in (tables.assistants, tables.threads):
        query = select(table.c.id).where(cast(table.c.tool_resources, String).contains(f'"{file_id}"', autoescape=True))
        found += [(table, owner_id) for owner_id in connection.execute(query).scalars()]
    return found


def _stop_lending(connection: Connection, table: Table, owner_id: str, file_id: str) -> None:
    row = rows.get_row(connection, table, owner_id)
    if row is None:
        return
    kept = [held for held in row["tool_resources"].get("code_interpreter", {}).get("file_ids", []) if held != file_id]
    resources = {**row["tool_resources"], "code_interpreter": {"file_ids": kept}}
    rows.update_row(connection, table, owner_id, {"tool_resources": resources})


def _plain_name(filename: str) -> str:
    """Keep the last part of the path, without control characters: names are hostile input."""
    last = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(character for character in last if character.isprintable())[:_LONGEST_NAME] or "file"


def _find_file(connection: Connection, file_id: str, now: int) -> rows.Row:
    row = rows.get_row(connection, tables.files, file_id)
    if row is None:
        raise NotFound(f"No such File object: {file_id}", param="id")
    if row["expires_at"] is not None and row["expires_at"] <= now:
        raise NotFound(f"No such File object: {file_id}. It has expired.", param="id")
    return row

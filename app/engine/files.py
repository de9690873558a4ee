"""Files: store, read, list, delete."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import anyio
from sqlalchemy import Connection, String, Table, cast, select

from app.engine.engine import Engine
from app.engine.store import chunks, rows, tables
from app.engine.store.blobs import BlobWriter
from app.errors import NotFound
from app.wire.base import Deleted
from app.wire.files import File
from app.wire.pages import Page, page_of

FileIdStyle = Literal["assistant-", "file-"]
_OUTPUT_STYLE: FileIdStyle = "assistant-"
_LONGEST_NAME = 255


async def store_upload(engine: Engine, blob: BlobWriter, filename: str, purpose: str, style: FileIdStyle) -> File:
    """Register an uploaded blob as a file."""
    return await _register(engine, blob.key, blob.size_bytes, filename, purpose, style=style)


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
    row = await engine.database.read(lambda connection: _find_file(connection, file_id))
    return File.model_validate(row)


async def list_files(engine: Engine, cursor: rows.Cursor, purpose: str | None) -> Page[File]:
    """Return one page of files, of one purpose where it is given."""
    equal = {"purpose": purpose} if purpose else {}
    found = await engine.database.read(lambda connection: rows.list_rows(connection, tables.files, cursor, **equal))
    return page_of([File.model_validate(row) for row in found], cursor.limit)


async def file_content(engine: Engine, file_id: str) -> tuple[File, AsyncIterator[bytes]]:
    """Return a file's description and its bytes, piece by piece; raises `NotFound`."""
    row = await engine.database.read(lambda connection: _find_file(connection, file_id))
    if not engine.blobs.path(row["blob"]).is_file():
        raise NotFound(f"The bytes of file {file_id} are gone from the data folder.", param="id")
    return File.model_validate(row), engine.blobs.read(row["blob"])


async def delete_file(engine: Engine, file_id: str) -> Deleted:
    """Delete a file and its bytes, and take it out of vector stores and the code interpreter's lists."""
    owners = await engine.database.read(lambda connection: _lenders(connection, file_id))

    def remove(connection: Connection) -> str:
        key = str(_find_file(connection, file_id)["blob"])
        chunks.remove_file(connection, file_id)
        for table, owner_id in owners:
            _stop_lending(connection, table, owner_id, file_id)
        rows.delete_row(connection, tables.files, file_id)
        return key

    await engine.blobs.delete(await engine.database.write(remove))
    return Deleted(id=file_id, object="file")


def require_files(connection: Connection, tool_resources: dict[str, Any]) -> None:
    """Raise `NotFound` unless every file of the code interpreter is there."""
    require_file_ids(connection, tool_resources.get("code_interpreter", {}).get("file_ids", []))


def require_file_ids(connection: Connection, file_ids: Iterable[str]) -> None:
    """Raise `NotFound` unless every file is there."""
    wanted = list(dict.fromkeys(file_ids))
    if not wanted:
        return
    found = set(connection.execute(select(tables.files.c.id).where(tables.files.c.id.in_(wanted))).scalars())
    missing = [file_id for file_id in wanted if file_id not in found]
    if missing:
        raise NotFound(f"Files [{', '.join(missing)}] were not found. Upload them first.", param="file_ids")


def find_files(connection: Connection, file_ids: Iterable[str]) -> list[rows.Row]:
    """Return the rows of those files that are there, in the order asked."""
    wanted = list(dict.fromkeys(file_ids))
    if not wanted:
        return []
    found = connection.execute(select(tables.files).where(tables.files.c.id.in_(wanted))).mappings()
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
) -> File:
    values = {
        "id": engine.ids.new(style),
        "created_at": engine.now(),
        "bytes": size_bytes,
        "expires_at": None,
        "filename": _plain_name(filename),
        "purpose": purpose,
        "status": "processed",
        "status_details": None,
        "blob": blob,
        "thread_id": thread_id,
    }
    await engine.database.write(lambda connection: rows.insert_row(connection, tables.files, values))
    return File.model_validate(values)


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


def _find_file(connection: Connection, file_id: str) -> rows.Row:
    row = rows.get_row(connection, tables.files, file_id)
    if row is None:
        raise NotFound(f"No such File object: {file_id}", param="id")
    return row

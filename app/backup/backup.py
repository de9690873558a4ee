"""Makes a backup of the database and the stored files, and restores one into an empty server."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, Table, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from app import migrations
from app.backup.archive import About, ArchiveWriter, Member, new_archive, open_archive
from app.backup.rows import read_rows, write_rows
from app.database import Database
from app.engine.store import tables as engine_tables
from app.engine.store.blobs import Blobs
from app.errors import InvalidRequest
from app.journal import tables as journal_tables
from app.people import tables as people_tables

_KEY: Final = re.compile(r"[0-9a-f]{32}")
_PIECE_BYTES: Final = 256 * 1024


@dataclass(slots=True)
class Summary:
    """What went into a backup, or came out of one."""

    rows: int = 0
    files: int = 0
    missing_files: int = 0
    """Files that the database knows and the store has not."""


async def back_up(database: Database, blobs: Blobs, path: Path) -> Summary:
    """Write everything to a new file; the server may run meanwhile, as all rows are of one moment."""
    current = migrations.revision(database.engine)
    if current is None:
        raise InvalidRequest("The database is empty: there is nothing to back up.")
    kept = _tables()
    summary = Summary()
    about = About(current, time.time(), tuple(table.name for table in kept))
    with new_archive(path, about) as archive:
        keys, summary.rows = await database.read(partial(_write_tables, archive=archive, kept=kept))
        for key in keys:
            try:
                archive.blob(key, await blobs.local(key))
                summary.files += 1
            except FileNotFoundError:
                summary.missing_files += 1
    return summary


async def restore(database: Database, blobs: Blobs, path: Path) -> Summary:
    """Fill an empty server from a backup, then bring it to today's schema; one that is not empty is left alone."""
    if migrations.revision(database.engine) is not None and _has_rows(database):
        raise InvalidRequest(
            "This server's database is not empty. Restore into a new one: another DATA_DIR or DATABASE_URL."
        )
    summary = Summary()
    with open_archive(path) as (about, members):
        _prepare(database, about)
        tables = _reflected(database, about)
        with database.engine.begin() as connection:  # All rows or none: a broken archive leaves an empty server.
            for member in members:
                if member.kind == "tables" and member.name in tables:
                    summary.rows += _restore_table(connection, tables[member.name], member)
                elif member.kind == "files" and _KEY.fullmatch(member.name):
                    await _restore_file(blobs, member)
                    summary.files += 1
    migrations.upgrade(database.engine)
    return summary


def _tables() -> list[Table]:
    kept = (engine_tables.metadata, journal_tables.metadata, people_tables.metadata)
    return [table for metadata in kept for table in metadata.sorted_tables]


def _write_tables(connection: Connection, archive: ArchiveWriter, kept: list[Table]) -> tuple[list[str], int]:
    """Write all rows as they are at one moment; return the keys of the stored files, and how many rows there are."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    keys = list(connection.execute(select(engine_tables.files.c.blob)).scalars())
    count = 0
    for table in kept:
        with archive.table(table.name) as file:
            count += write_rows(connection, table, file)
    return keys, count


def _has_rows(database: Database) -> bool:
    with database.engine.connect() as connection:
        return any(connection.execute(select(1).select_from(table).limit(1)).first() for table in _tables())


def _prepare(database: Database, about: About) -> None:
    """Make the tables as they were when the backup was made."""
    current = migrations.revision(database.engine)
    if current not in {None, about.revision}:
        raise InvalidRequest(
            f"This database has the schema {current}, the backup {about.revision}. Restore into a new, empty database."
        )
    try:
        migrations.upgrade(database.engine, about.revision)
    except CommandError as exc:
        raise InvalidRequest("The backup was made by a newer version of this program: use that one.") from exc


def _reflected(database: Database, about: About) -> dict[str, Table]:
    known = set(inspect(database.engine).get_table_names())
    unknown = sorted(set(about.tables) - known)
    if unknown:
        raise InvalidRequest(f"The backup has tables that its schema does not know: {', '.join(unknown)}.")
    metadata = MetaData()
    return {name: Table(name, metadata, autoload_with=database.engine) for name in about.tables}


def _restore_table(connection: Connection, table: Table, member: Member) -> int:
    try:
        return read_rows(connection, table, member.content)
    except (ValueError, KeyError, SQLAlchemyError) as exc:
        raise InvalidRequest(f"The rows of {table.name} cannot be read: {exc}. Nothing was restored.") from exc


async def _restore_file(blobs: Blobs, member: Member) -> None:
    await blobs.delete(member.name)
    async with blobs.writer(member.name) as writer:
        while piece := member.content.read(_PIECE_BYTES):
            await writer.write(piece)

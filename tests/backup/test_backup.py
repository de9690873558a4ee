"""A backup holds everything, fits either database, and a restore leaves all or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, Table, insert, select

from app import migrations
from app.backup.backup import back_up, restore
from app.database import Database
from app.engine.store import tables
from app.engine.store.blobs import Blobs
from app.errors import InvalidRequest
from tests.databases import BACKENDS, fresh_database

ROWS = 1_200
ASSISTANT = {
    "created_at": 1_700_000_000,
    "name": "Ünïcode \u202e and a line\nbreak",
    "model": "scripted-model",
    "tools": [{"type": "code_interpreter"}],
    "tool_resources": {},
    "metadata": {"a": "b"},
    "temperature": 0.5,
}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.aclose()


@pytest.fixture(params=list(product(BACKENDS, BACKENDS)), ids="-to-".join)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    origin, target = tmp_path / "origin", tmp_path / "target"
    origin.mkdir()
    target.mkdir()
    with fresh_database(request.param[0], origin) as first, fresh_database(request.param[1], target) as second:
        yield first, second


async def fill(database: Database, blobs: Blobs) -> str:
    """Store assistants, a file, and a passage with its vector; return the file's key."""
    migrations.upgrade(database.engine)
    key = await blobs.put(b"region,sales\n" * 50_000)
    file = {"id": "file-1", "created_at": 1, "bytes": 650_000, "filename": "a.csv", "purpose": "assistants"}
    chunk = {"vector_store_id": "vs_1", "store_file_id": "x", "number": 0, "text": "sales", "embedding": b"\x00\xff"}
    with database.engine.begin() as connection:
        connection.execute(insert(tables.assistants), [{**ASSISTANT, "id": f"asst_{n}"} for n in range(ROWS)])
        connection.execute(insert(tables.files), {**file, "status": "processed", "blob": key})
        connection.execute(insert(tables.chunks), chunk)
    return key


def everything(connection: Connection, table: Table) -> list[Row[Any]]:
    return list(connection.execute(select(table).order_by(table.c.seq)).all())


async def test_everything_comes_back_in_either_database(urls: tuple[str, str], tmp_path: Path) -> None:
    path, restored_blobs = tmp_path / "backup.tar.gz", Blobs(tmp_path / "restored")
    async with opened(urls[0]) as origin, opened(urls[1]) as target:
        key = await fill(origin, Blobs(tmp_path / "files"))
        made = await back_up(origin, Blobs(tmp_path / "files"), path)
        assert (made.rows, made.files, made.missing_files) == (ROWS + 2, 1, 0)
        assert await restore(target, restored_blobs, path) == made
        for table in (tables.assistants, tables.files, tables.chunks):
            unit = partial(everything, table=table)
            assert await origin.read(unit) == await target.read(unit)
        with target.engine.begin() as connection:  # New rows get new numbers.
            connection.execute(insert(tables.assistants), {**ASSISTANT, "id": "asst_new"})
    assert (await restored_blobs.local(key)).read_bytes() == b"region,sales\n" * 50_000


async def test_a_server_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "backup.tar.gz"
    async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
        await fill(database, Blobs(tmp_path / "files"))
        await back_up(database, Blobs(tmp_path / "files"), path)
        with pytest.raises(InvalidRequest, match="not empty"):
            await restore(database, Blobs(tmp_path / "files"), path)


async def test_a_broken_archive_restores_nothing(tmp_path: Path) -> None:
    path, cut = tmp_path / "backup.tar.gz", tmp_path / "cut.tar.gz"
    async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
        await fill(database, Blobs(tmp_path / "files"))
        await back_up(database, Blobs(tmp_path / "files"), path)
    cut.write_bytes(path.read_bytes()[:-400])
    async with opened(f"sqlite:///{tmp_path / 'b.db'}") as target:
        with pytest.raises(InvalidRequest, match="not a whole backup"):
            await restore(target, Blobs(tmp_path / "new"), cut)
        assert await target.read(lambda unit: unit.execute(select(tables.assistants)).all()) == []
        await restore(target, Blobs(tmp_path / "new"), path)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00rubbish"])
async def test_rubbish_is_named_and_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rubbish"
    path.write_bytes(content)
    async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
        with pytest.raises(InvalidRequest, match=str(path)):
            await restore(database, Blobs(tmp_path / "files"), path)


async def test_a_backup_replaces_no_file(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.write_text("precious")
    async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
        migrations.upgrade(database.engine)
        with pytest.raises(InvalidRequest, match="exists"):
            await back_up(database, Blobs(tmp_path / "files"), path)
    assert path.read_text() == "precious"


async def test_nobody_else_on_the_machine_reads_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    async with opened(f"sqlite:///{tmp_path / 'a.db'}") as database:
        migrations.upgrade(database.engine)
        await back_up(database, Blobs(tmp_path / "files"), path)
    assert path.stat().st_mode & 0o777 == 0o600

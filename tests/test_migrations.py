"""The migrations lead to the tables that the code uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from app import migrations
from app.database import Database
from app.engine.store import tables as engine_tables
from app.engine.store.chunks import read_chunks
from app.engine.store.embeddings import embedded_files
from app.engine.store.words import rank_by_words
from app.journal import tables as journal_tables
from app.people import tables as people_tables
from tests.databases import BACKENDS, fresh_database


@pytest.mark.parametrize("backend", BACKENDS)
async def test_migrated_schema_is_the_declared_one(backend: str, tmp_path: Path) -> None:
    declared = MetaData()
    for metadata in (engine_tables.metadata, journal_tables.metadata, people_tables.metadata):
        for table in metadata.tables.values():
            table.to_metadata(declared)
    with fresh_database(backend, tmp_path) as url:
        database = Database(url)
        migrations.upgrade(database.engine)
        migrations.upgrade(database.engine)
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_object": _is_declarable})
            assert compare_metadata(context, declared) == []
        await database.aclose()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_chunks_of_an_older_server_are_found_by_their_words(backend: str, tmp_path: Path) -> None:
    with fresh_database(backend, tmp_path) as url:
        database = Database(url)
        migrations.upgrade(database.engine, "0003")
        with database.engine.begin() as connection:
            for statement in _OLD_ROWS:
                connection.exec_driver_sql(statement)
        migrations.upgrade(database.engine)
        with database.engine.connect() as connection:
            [seq] = rank_by_words(connection, ["vs_2"], "yellow bananas", 10)
            assert read_chunks(connection, [seq])[seq]["text"] == "A banana is yellow."
            assert embedded_files(connection, "vs_2", "m") == {"vs_2.f": 1}
        await database.aclose()


_OLD_ROWS = (
    """INSERT INTO vector_stores (id, created_at, metadata, last_active_at, embedding_model)
    VALUES ('vs_1', 0, '{}', 0, NULL), ('vs_2', 0, '{}', 0, 'm')""",
    """INSERT INTO files (id, created_at, bytes, filename, purpose, status, blob)
    VALUES ('f', 0, 1, 'a.txt', 'assistants', 'processed', 'b')""",
    """INSERT INTO store_files
    (id, created_at, vector_store_id, file_id, status, usage_bytes, chunking_strategy, attributes)
    VALUES ('vs_2.f', 0, 'vs_2', 'f', 'completed', 1, '{}', '{}')""",
    """INSERT INTO chunks (vector_store_id, store_file_id, number, text, embedding)
    VALUES ('vs_1', 'vs_1.g', 0, 'Another yellow banana.', NULL), ('vs_2', 'vs_2.f', 0, 'A banana is yellow.', 'x')""",
)


def _is_declarable(_object: object, name: str | None, *_rest: object) -> bool:
    """Leave out the index of words, which is a virtual table here and a generated column there."""
    return not (name or "").startswith("chunk_words")

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
from app.journal import tables as journal_tables
from tests.databases import BACKENDS, fresh_database


@pytest.mark.parametrize("backend", BACKENDS)
async def test_migrated_schema_is_the_declared_one(backend: str, tmp_path: Path) -> None:
    declared = MetaData()
    for metadata in (engine_tables.metadata, journal_tables.metadata):
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


def _is_declarable(_object: object, name: str | None, *_rest: object) -> bool:
    """Leave out the index of words, which is a virtual table here and a generated column there."""
    return not (name or "").startswith("chunk_words")

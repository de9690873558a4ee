"""Databases for tests: a file of SQLite always, a database of its own on PostgreSQL when `TEST_DATABASE_URL` is set."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

SERVER = os.environ.get("TEST_DATABASE_URL")
BACKENDS = ("sqlite", "postgresql") if SERVER else ("sqlite",)


@contextmanager
def fresh_database(backend: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'playground.db'}"
        return
    assert SERVER is not None
    name = f"playground_{secrets.token_hex(6)}"
    admin = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))  # Waits up to 5 s for connections to end.
        admin.dispose()

"""Databases for tests: a file of SQLite always, a database of its own on PostgreSQL when `TEST_DATABASE_URL` is set."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, make_url, text

from app import migrations

SERVER = os.environ.get("TEST_DATABASE_URL")
BACKENDS = ("sqlite", "postgresql") if SERVER else ("sqlite",)


@contextmanager
def fresh_database(backend: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database."""
    if backend == "sqlite":
        yield _url_of(folder)
        return
    name = _new_name()
    _administer(f"CREATE DATABASE {name}")
    yield from _lent(name)


@contextmanager
def migrated_database(backend: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a database without rows that has every table: a copy, since the migrations take a while."""
    if backend == "sqlite":
        (folder / "playground.db").write_bytes(_migrated_file())
        yield _url_of(folder)
        return
    name = _new_name()
    _administer(f"CREATE DATABASE {name} TEMPLATE {_migrated_name()}")
    yield from _lent(name)


def drop_templates() -> None:
    """Leave nothing behind on the server."""
    if _migrated_name.cache_info().currsize:
        _administer(f"DROP DATABASE {_migrated_name()}")
        _migrated_name.cache_clear()


def _url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'playground.db'}"


def _new_name() -> str:
    return f"playground_{secrets.token_hex(6)}"


def _lent(name: str) -> Iterator[str]:
    try:
        yield _address(name)
    finally:
        _administer(f"DROP DATABASE {name}")  # Waits up to 5 s for connections to end.


def _address(name: str) -> str:
    return make_url(SERVER or "").set(database=name).render_as_string(hide_password=False)


def _administer(statement: str) -> None:
    engine = create_engine(SERVER or "", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@cache
def _migrated_file() -> bytes:
    with TemporaryDirectory() as folder:
        _migrate(_url_of(Path(folder)))
        return (Path(folder) / "playground.db").read_bytes()


@cache
def _migrated_name() -> str:
    name = _new_name()
    _administer(f"CREATE DATABASE {name}")
    _migrate(_address(name))
    return name


def _migrate(url: str) -> None:
    engine = create_engine(url)
    migrations.upgrade(engine)
    engine.dispose()

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.database import FAULTS, Database
from tests.databases import BACKENDS, fresh_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

METADATA = MetaData()
WORDS = Table(
    "database_test_words", METADATA, Column("id", Integer, primary_key=True), Column("word", String, unique=True)
)


@pytest.fixture(params=BACKENDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    with fresh_database(request.param, tmp_path) as url:
        database = Database(url)
        METADATA.create_all(database.engine)
        yield database
        await database.aclose()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    METADATA.create_all(database.engine)
    yield database
    await database.aclose()


def add(connection: Connection, word: str) -> str:
    connection.execute(insert(WORDS).values(word=word))
    return word


def parameters_of(connection: Connection) -> dict[str, str]:
    """Return what the driver was told."""
    driver = connection.connection.driver_connection
    assert driver is not None
    found: dict[str, str] = driver.info.get_parameters()
    return found


def adding(word: str) -> Callable[[Connection], str]:
    return lambda connection: add(connection, word)


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(WORDS)).scalar_one()


async def test_a_write_is_seen_by_the_next_read(database: Database) -> None:
    for number in range(20):
        assert await database.write(adding(f"word {number}")) == f"word {number}"
        assert await database.read(count) == number + 1


async def test_sixteen_concurrent_writers_lose_nothing(database: Database) -> None:
    async def write_ten(writer: int) -> None:
        for number in range(10):
            await database.write(adding(f"{writer}/{number}"))

    async with asyncio.TaskGroup() as group:
        for writer in range(16):
            group.create_task(write_ten(writer))
    assert await database.read(count) == 160


async def test_a_failing_unit_reaches_its_caller_and_leaves_no_trace(database: Database) -> None:
    def add_and_fail(connection: Connection) -> None:
        add(connection, "half done")
        raise LookupError("nothing there")

    outcomes = await asyncio.gather(
        database.write(adding("one")),
        database.write(add_and_fail),
        database.write(adding("two")),
        return_exceptions=True,
    )
    assert outcomes[0] == "one"
    assert outcomes[2] == "two"
    assert isinstance(outcomes[1], LookupError)
    assert await database.read(count) == 2


async def test_a_broken_constraint_does_not_break_the_others(database: Database) -> None:
    await database.write(adding("taken"))
    words = ["a", "taken", "b"]
    outcomes = await asyncio.gather(*(database.write(adding(word)) for word in words), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [str, IntegrityError, str]
    assert await database.read(count) == 3


async def test_units_that_wait_together_are_committed_together(sqlite: Database) -> None:
    transactions: list[object] = []

    def remember_transaction(connection: Connection) -> None:
        transactions.append(connection.get_transaction())

    await asyncio.gather(*(sqlite.write(remember_transaction) for _ in range(5)))
    assert len({id(transaction) for transaction in transactions}) == 1


async def test_a_cancelled_caller_leaves_its_unit_and_the_others_to_be_done(database: Database) -> None:
    impatient = asyncio.create_task(database.write(adding("sooner")))
    patient = asyncio.create_task(database.write(adding("later")))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await asyncio.wait_for(patient, 10) == "later"
    await asyncio.gather(impatient, return_exceptions=True)
    assert await database.read(count) == 2


async def test_close_carries_out_what_is_queued(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    METADATA.create_all(database.engine)
    writes = [asyncio.create_task(database.write(adding(str(number)))) for number in range(300)]
    await asyncio.sleep(0)
    await database.aclose()
    assert await asyncio.gather(*writes) == [str(number) for number in range(300)]
    with pytest.raises(RuntimeError):
        await database.write(count)


async def test_readers_of_sqlite_cannot_write(sqlite: Database) -> None:
    with pytest.raises(DBAPIError, match="readonly"):
        await sqlite.read(adding("sneaky"))
    assert await sqlite.read(count) == 0


async def test_the_log_of_writes_does_not_grow_without_end(sqlite: Database, tmp_path: Path) -> None:
    for number in range(2_000):
        await sqlite.write(adding(f"word {number} " + "x" * 1000))
    assert (tmp_path / "test.db-wal").stat().st_size < 20_000_000
    assert await sqlite.read(count) == 2_000


async def test_a_database_that_is_locked_by_a_stranger_is_told_to_the_caller(sqlite: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "test.db")) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(DBAPIError, match="locked"):
            await sqlite.write(adding("blocked"))
    assert await sqlite.write(adding("free")) == "free"


@pytest.mark.skipif("postgresql" not in BACKENDS, reason="PostgreSQL is not there.")
async def test_postgresql_is_not_waited_for_without_end(tmp_path: Path) -> None:
    with fresh_database("postgresql", tmp_path) as url:
        for address, connect_timeout in ((url, "5"), (f"{url}?connect_timeout=9", "9")):
            database = Database(address)
            used = await database.read(parameters_of)
            assert (used["connect_timeout"], used["tcp_user_timeout"]) == (connect_timeout, "8000")
            await database.aclose()


async def test_a_read_sees_one_consistent_view(sqlite: Database) -> None:
    await sqlite.write(adding("first"))
    counted, written = threading.Event(), threading.Event()

    def count_twice(connection: Connection) -> tuple[int, int]:
        before = count(connection)
        counted.set()
        written.wait(10)
        return before, count(connection)

    reading = asyncio.create_task(sqlite.read(count_twice))
    await asyncio.to_thread(counted.wait, 10)
    await sqlite.write(adding("second"))
    written.set()
    assert await asyncio.wait_for(reading, 10) == (1, 1)


@pytest.mark.skipif("postgresql" not in BACKENDS, reason="PostgreSQL is not there.")
async def test_a_connection_that_is_lost_in_a_callers_unit_is_a_fault(tmp_path: Path) -> None:
    with fresh_database("postgresql", tmp_path) as url:
        database = Database(url)
        of_caller = database.for_caller("person_1")
        for carry_out in (of_caller.read, of_caller.write):
            with pytest.raises(FAULTS):
                await carry_out(lambda unit: unit.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")).all())
        assert await of_caller.read(lambda unit: unit.execute(text("SELECT 1")).scalar()) == 1
        await database.aclose()

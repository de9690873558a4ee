"""The database that engine and journal share.

A unit of work is a plain function of a SQLAlchemy connection. `write` commits it, `read` does not; an exception of the
unit reaches its own caller only. A caller that is cancelled while it waits leaves its unit to be carried out.
A database belongs to one event loop; units of SQLite's writer run on its thread and must be short.
"""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.errors import InvalidRequest

T = TypeVar("T")
Unit = Callable[[Connection], T]

FAULTS = (OperationalError, InterfaceError, PendingRollbackError, PoolTimeoutError)
"""What units of work raise while the database can't be reached."""

CALLER = "caller"
"""Under this name a unit's `Connection.info` holds the id of the person that it works for, if it works for one."""

_BUSY_TIMEOUT_MS = 2_000
_GROUPS_PER_CHECKPOINT = 200
_WAL_PAGES = 4_000
_POSTGRESQL_THREADS = 16
_POSTGRESQL_PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 8_000}
"""Seconds, and milliseconds without a sign of the server: a cut cable is told. The URL may say otherwise."""
_SQLITE_READERS = 4


class Database:
    """SQLite (WAL, one writer with group commit, readers in threads) or PostgreSQL (pooled connections)."""

    _caller: str | None = None

    def __init__(self, url: str) -> None:
        is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url, read_only=False) if is_sqlite else _postgresql_engine(url)
        """For migrations and other synchronous work before the event loop runs."""
        self._threads = ThreadPoolExecutor(
            _SQLITE_READERS if is_sqlite else _POSTGRESQL_THREADS, thread_name_prefix="database"
        )
        self._writer = _Writer(self.engine, self._threads) if is_sqlite else None
        self._reader = _Reader(_sqlite_engine(url, read_only=True)) if is_sqlite else None

    def for_caller(self, person_id: str) -> Database:
        """Return the same database as one person sees it; `engine/store/rows.py` has the rules."""
        seen = copy.copy(self)
        seen._caller = person_id  # noqa: SLF001  its own kind
        return seen

    async def write(self, unit: Unit[T]) -> T:
        """Run `unit` in a transaction and return its result once that is committed."""
        unit = self._for_its_caller(unit)
        with _refusing():
            if self._writer is not None:
                return await self._writer.submit(unit)
            return await asyncio.get_running_loop().run_in_executor(self._threads, _run_committed, self.engine, unit)

    async def read(self, unit: Unit[T]) -> T:
        """Run `unit` on one consistent view of everything committed so far; what it changes is refused or lost."""
        unit = self._for_its_caller(unit)
        loop = asyncio.get_running_loop()
        with _refusing():
            if self._reader is not None:
                return await loop.run_in_executor(self._threads, self._reader.run, unit)
            return await loop.run_in_executor(self._threads, _run, self.engine, unit)

    async def aclose(self) -> None:
        """Carry out what is queued, then close every connection; later calls raise `RuntimeError`."""
        if self._writer is not None:
            self._writer.close()
        await asyncio.to_thread(self._close)

    def _for_its_caller(self, unit: Unit[T]) -> Unit[T]:
        caller = self._caller
        if caller is None:
            return unit

        def run(connection: Connection) -> T:
            info = connection.info  # A connection that is lost meanwhile gives its own no more, but raises.
            info[CALLER] = caller
            try:
                return unit(connection)
            finally:
                info.pop(CALLER, None)

        return run

    def _close(self) -> None:
        self._threads.shutdown()
        if self._reader is not None:
            self._reader.close()
        self.engine.dispose()


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what the database's driver says of values that no column holds into a refusal of who sent them."""
    try:
        yield
    except (DataError, OverflowError, UnicodeEncodeError) as exc:
        message = "A number is too large, or a text holds characters that no text can hold, such as U+0000."
        raise InvalidRequest(message) from exc


class _Reader:
    """Connections that only read, one kept by each thread, since taking one from a pool costs as much as a query."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._of_thread = threading.local()
        self._connections: list[Connection] = []

    def run(self, unit: Unit[T]) -> T:
        connection = self._connection()
        try:
            return unit(connection)
        finally:
            connection.rollback()

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._engine.dispose()

    def _connection(self) -> Connection:
        if not hasattr(self._of_thread, "connection"):
            self._of_thread.connection = self._engine.connect()
            self._connections.append(self._of_thread.connection)
        connection: Connection = self._of_thread.connection
        return connection


@dataclass(slots=True, eq=False)
class _Job:
    """A unit on its way through the writer, with the future of the caller that waits for it."""

    unit: Unit[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    def resolve(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class _Writer:
    """Commits on the event loop's own thread what was asked for since its last turn, as one transaction.

    Without a second thread, since handing the interpreter's lock over at every statement costs several times as much
    as the statements, which wait for no disk: WAL with synchronous=NORMAL syncs at checkpoints only. Most of a
    checkpoint's work is done in a thread; what is left happens here once the WAL is long, since only a moment without
    writers lets it begin anew.
    """

    def __init__(self, engine: Engine, threads: Executor) -> None:
        self._engine = engine
        try:
            self._connection = engine.connect()
        except OperationalError as exc:
            message = (
                f"The database {engine.url.database} can't be opened ({exc.orig}). Check its folder and its rights."
            )
            raise InvalidRequest(message) from exc
        self._threads = threads
        self._jobs: list[_Job] = []
        self._groups = 0
        self._is_closed = False

    async def submit(self, unit: Unit[T]) -> T:
        if self._is_closed:
            raise RuntimeError("The database is closed.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._jobs:
            loop.call_soon(self._commit_waiting)
        self._jobs.append(_Job(unit, future))
        return await future

    def close(self) -> None:
        self._is_closed = True
        self._commit_waiting()
        self._connection.close()

    def _commit_waiting(self) -> None:
        group, self._jobs = self._jobs, []
        if not group:
            return
        _commit(self._connection, group)
        for job in group:
            job.resolve()
        self._groups += 1
        if self._groups % _GROUPS_PER_CHECKPOINT == 0:
            self._threads.submit(_checkpoint, self._engine)


def _checkpoint(engine: Engine) -> None:
    """Move the WAL's pages into the database, as far as no reader needs them; writers go on meanwhile."""
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _commit(connection: Connection, group: list[_Job]) -> None:
    try:
        with connection.begin():
            if len(group) == 1:
                group[0].result = group[0].unit(connection)
            else:
                _run_each_in_savepoint(connection, group)
    except Exception as error:
        for job in group:
            job.error = job.error or error


def _run_each_in_savepoint(connection: Connection, group: list[_Job]) -> None:
    """Run the units so that a failing one leaves no trace; bare statements, since they are a third of the cost."""
    execute = connection.connection.driver_connection.execute  # type: ignore[union-attr]  # it is sqlite3's
    for job in group:
        execute("SAVEPOINT unit")
        try:
            job.result = job.unit(connection)
        except Exception as error:
            job.error = error
            execute("ROLLBACK TO unit")
        execute("RELEASE unit")


def _run_committed(engine: Engine, unit: Unit[T]) -> T:
    with engine.begin() as connection:
        return unit(connection)


def _run(engine: Engine, unit: Unit[T]) -> T:
    with engine.connect() as connection:
        return unit(connection)


def _postgresql_engine(url: str) -> Engine:
    given = make_url(url).query
    patience = {name: limit for name, limit in _POSTGRESQL_PATIENCE.items() if name not in given}
    return create_engine(url, pool_size=_POSTGRESQL_THREADS, max_overflow=0, pool_pre_ping=True, connect_args=patience)


def _sqlite_engine(url: str, *, read_only: bool) -> Engine:
    # Readers' connections are closed by another thread, after their own thread has ended.
    engine = create_engine(url, pool_size=_SQLITE_READERS, connect_args={"check_same_thread": False})
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # Transactions are begun below, so that savepoints and DDL are part of them.
        connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")
        connection.execute("PRAGMA foreign_keys=ON")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine

"""An engine with a scripted model and interpreter, on each database, with its worker running."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest

from app.clock import FakeClock
from app.database import Database
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.models.catalogue import Catalogue
from app.engine.store.blobs import Blobs
from app.ids import RandomIds
from tests.databases import BACKENDS, migrated_database
from tests.doubles.interpreter import ScriptedInterpreter
from tests.doubles.models import ScriptedModel, ScriptedProvider


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with migrated_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture
def model(provider: ScriptedProvider) -> ScriptedModel:
    return provider.model


@pytest.fixture
def interpreter() -> ScriptedInterpreter:
    return ScriptedInterpreter()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def engine(
    database_url: str,
    tmp_path: Path,
    provider: ScriptedProvider,
    interpreter: ScriptedInterpreter,
    clock: FakeClock,
) -> AsyncIterator[Engine]:
    database = Database(database_url)
    yield Engine(
        database=database,
        blobs=Blobs(tmp_path / "files"),
        models=Catalogue([provider]),
        interpreter=interpreter,
        clock=clock,
        ids=RandomIds(),
    )
    await database.aclose()


@pytest.fixture
async def worker(engine: Engine) -> AsyncIterator[Worker]:
    worker = Worker(engine)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.work)
        yield worker
        tasks.cancel_scope.cancel()

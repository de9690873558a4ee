"""The API over an engine whose runs nobody carries out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from app.api.application import create_api
from app.clock import SystemClock
from app.database import Database
from app.engine.engine import Engine
from app.engine.models.catalogue import Catalogue
from app.engine.store.blobs import Blobs
from app.ids import RandomIds
from tests.databases import migrated_database
from tests.doubles.interpreter import ScriptedInterpreter
from tests.doubles.models import ScriptedProvider


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    with migrated_database("sqlite", tmp_path) as url:
        database = Database(url)
        yield Engine(
            database=database,
            blobs=Blobs(tmp_path / "files"),
            models=Catalogue([ScriptedProvider()]),
            interpreter=ScriptedInterpreter(),
            clock=SystemClock(),
            ids=RandomIds(),
        )
        await database.aclose()


@pytest.fixture
async def client(engine: Engine) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(create_api(engine, ()), raise_app_exceptions=False)
    headers = {"authorization": "Bearer any"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client


@pytest.fixture
async def locked_client(engine: Engine) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(create_api(engine, (SecretStr("right-key-1"), SecretStr("right-key-2"))))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client

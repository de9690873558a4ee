"""People on each database, with a clock that tests move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.clock import FakeClock
from app.database import Database
from app.people.keys import Keys
from app.people.people import People
from tests.databases import BACKENDS, migrated_database


@pytest.fixture(params=BACKENDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    with migrated_database(request.param, tmp_path) as url:
        database = Database(url)
        yield database
        await database.aclose()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def people(database: Database, clock: FakeClock) -> People:
    return People(database, clock)


@pytest.fixture
def keys(database: Database, clock: FakeClock) -> Keys:
    return Keys(database, clock)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.clock import FakeClock
from app.database import Database
from app.journal.chats import Chats
from app.journal.journal import Journal
from app.journal.tables import metadata
from tests.databases import BACKENDS, fresh_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=BACKENDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    with fresh_database(request.param, tmp_path) as url:
        database = Database(url)
        metadata.create_all(database.engine)
        yield database
        await database.aclose()


@pytest.fixture
def journal(database: Database, clock: FakeClock) -> Journal:
    return Journal(database, clock)


@pytest.fixture
def chats(database: Database, clock: FakeClock) -> Chats:
    return Chats(database, clock)

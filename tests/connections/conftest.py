from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.connections.clients import Connections
from app.connections.connection import BUILT_IN, Connection
from tests.connections.service import service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.applications import Starlette

PLAIN = Connection("Plain", kind="engine", base_url="http://localhost")


@pytest.fixture
def app() -> Starlette:
    return service()


@pytest.fixture
async def connections(app: Starlette) -> AsyncIterator[Connections]:
    made = Connections([BUILT_IN, PLAIN], engine_app=app)
    yield made
    await made.aclose()

"""A second server of ours as the remote service, over HTTP, and a proxy before it that fails on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from app.database import Database
from tests.databases import migrated_database
from tests.doubles.faulty_service import FaultyService
from tests.live import serve
from tests.playground.conftest import House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "remote-key-5d41402abc4b2a76"


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "remote"
    folder.mkdir()
    with migrated_database("sqlite", folder) as url:
        yield House(Database(url), folder / "files", api_keys=(SecretStr(KEY),))


@pytest.fixture
def address(remote: House) -> Iterator[str]:
    with serve(remote.build()) as url:
        yield url


@pytest.fixture
def faulty(address: str) -> FaultyService:
    return FaultyService(address)


@pytest.fixture
def faulty_address(faulty: FaultyService) -> Iterator[str]:
    with serve(faulty) as url:
        yield url

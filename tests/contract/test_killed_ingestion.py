"""Kill -9 while files are read: the next server goes on, and nobody ever sees half a file or a passage twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openai import OpenAI
from sqlalchemy import Connection, Engine, create_engine, func, select

from app.engine.store import tables
from tests.databases import BACKENDS, fresh_database
from tests.processes import ServerProcess, server_process

FILES = 8
WORDS = 12_000
SMALL = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}}
_WAIT_SECONDS = 100.0


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_database(request.param, tmp_path) as url:
        yield url


def text_of(number: int) -> str:
    return " ".join(f"w{number}x{word}" for word in range(WORDS))


def client_of(server: ServerProcess) -> OpenAI:
    return OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0)


def half_read(connection: Connection) -> int:
    """Count passages of files that are still being read."""
    owner, chunk = tables.store_files.c, tables.chunks.c
    query = select(func.count()).select_from(tables.chunks).join(tables.store_files, owner.id == chunk.store_file_id)
    return int(connection.execute(query.where(owner.status == "in_progress")).scalar_one())


def completed(connection: Connection) -> int:
    query = select(func.count()).where(tables.store_files.c.status == "completed")
    return int(connection.execute(query).scalar_one())


def wait_for(database: Engine, is_reached: Callable[[Connection], bool]) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        with database.connect() as connection:
            if is_reached(connection):
                return
        time.sleep(0.005)
    raise TimeoutError


def seen_texts(client: OpenAI, store_id: str) -> dict[str, list[str]]:
    """Return the passages of each file, by its name, as the API shows them."""
    listed = client.vector_stores.files.list(store_id, limit=100)
    names = {file.id: client.files.retrieve(file.id).filename for file in listed}
    return {
        name: [part.text or "" for part in client.vector_stores.files.content(file_id, vector_store_id=store_id)]
        for file_id, name in names.items()
    }


def check_what_is_seen(client: OpenAI, store_id: str) -> None:
    """Compare what can be read with what was uploaded: all of a file, or nothing."""
    for name, texts in seen_texts(client, store_id).items():
        assert not texts or " ".join(texts) == text_of(int(name.removesuffix(".txt")))


# The first kill comes at once; the next ones when this is reached.
KILL_POINTS: list[Callable[[Connection], bool]] = [
    lambda connection: half_read(connection) > 0,
    lambda connection: half_read(connection) > 64,
    lambda connection: completed(connection) >= 2,
]


@pytest.mark.timeout(300)
def test_the_next_server_goes_on_where_one_was_killed(tmp_path: Path, database_url: str) -> None:
    database = create_engine(database_url)
    with server_process(tmp_path, DATABASE_URL=database_url) as server, client_of(server) as client:
        texts = [text_of(number).encode() for number in range(FILES)]
        ids = [
            client.files.create(file=(f"{number}.txt", text), purpose="assistants").id
            for number, text in enumerate(texts)
        ]
        store = client.vector_stores.create()
        asked = [{"file_id": file_id, "chunking_strategy": SMALL} for file_id in ids]
        client.post(f"/vector_stores/{store.id}/file_batches", body={"files": asked}, cast_to=object)
    for is_reached in KILL_POINTS:
        with server_process(tmp_path, DATABASE_URL=database_url) as server, client_of(server) as client:
            check_what_is_seen(client, store.id)
            wait_for(database, is_reached)
    with server_process(tmp_path, DATABASE_URL=database_url) as server, client_of(server) as client:
        wait_for(database, lambda connection: completed(connection) == FILES)
        check_what_is_seen(client, store.id)
        assert all(seen_texts(client, store.id).values())
        now = client.vector_stores.retrieve(store.id)
        assert (now.status, now.file_counts.completed, now.file_counts.total) == ("completed", FILES, FILES)
        [found] = client.vector_stores.search(store.id, query="w3x777", max_num_results=1)
        assert "w3x777" in found.content[0].text.split()
    with database.connect() as connection:
        assert half_read(connection) == 0
        chunks = connection.execute(select(func.count()).select_from(tables.chunks)).scalar_one()
        numbered = connection.execute(select(tables.chunks.c.store_file_id, tables.chunks.c.number).distinct()).all()
        assert chunks == len(numbered)
    database.dispose()

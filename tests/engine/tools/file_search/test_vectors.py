"""Search by meaning: a file is completed when its vectors are there, and they belong to one model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest

from app.clock import FakeClock
from app.engine import vector_store_files, vector_stores
from app.engine.engine import Engine
from app.engine.models.embeddings import Vectors, of_length_one
from app.engine.store import rows
from app.engine.tools.file_search.embedding_worker import EmbeddingWorker
from app.engine.tools.file_search.ingester import Ingester
from app.engine.tools.file_search.search import Search, find_passages, fuse
from app.engine.tools.file_search.vectors import VectorIndex, closest, part_of
from app.errors import UpstreamFailed
from app.wire.vector_stores import AddFile, CreateVectorStore
from tests.doubles.embedder import TopicEmbedder
from tests.engine.libraries import library, read_store, upload

TEXTS = {"red": "My automobile is red.", "sea": "The ocean is deep.", "sum": "Two and two make four."}


@pytest.fixture
def embedder() -> TopicEmbedder:
    return TopicEmbedder()


@pytest.fixture
async def reading(engine: Engine, embedder: TopicEmbedder, tmp_path: Path) -> AsyncIterator[Engine]:
    """Yield the engine with an embedding model that nobody asks yet, and its ingester at work."""
    reading = replace(engine, vectors=VectorIndex(engine.database, embedder, tmp_path / "vectors"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Ingester(reading).work)
        yield reading
        tasks.cancel_scope.cancel()
    assert reading.vectors is not None
    reading.vectors.close()


@pytest.fixture
async def searching(reading: Engine) -> AsyncIterator[Engine]:
    """Yield the engine with its embedding worker at work too."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker_of(reading).work)
        yield reading
        tasks.cancel_scope.cancel()


def worker_of(engine: Engine) -> EmbeddingWorker:
    assert engine.vectors is not None
    return EmbeddingWorker(engine.database, engine.vectors.embedder, engine.clock, engine.files_read, pauses=(0.0,))


async def names(engine: Engine, store_id: str, query: str, **further: Any) -> list[str]:
    search = Search([store_id], [query], further.pop("limit", 10), **further)
    return [found.filename for found in await find_passages(engine, search)]


async def until_words_are_found(engine: Engine, store_id: str, word: str) -> None:
    with anyio.fail_after(20):
        while not await names(engine, store_id, word):
            await anyio.sleep(0.02)


async def begin_library(engine: Engine) -> str:
    """Make a store of one file whose words can be found, and which is not embedded."""
    file = await upload(engine, "red.txt", TEXTS["red"].encode())
    store = await vector_stores.create_vector_store(engine, CreateVectorStore(file_ids=[file.id]))
    await until_words_are_found(engine, store.id, "automobile")
    return store.id


async def status_of(engine: Engine, store_id: str) -> str:
    return (await vector_stores.get_vector_store(engine, store_id)).status


async def test_other_words_for_the_same_thing_are_found(searching: Engine) -> None:
    store = await library(searching, **TEXTS)
    assert await names(searching, store.id, "vehicle") == ["red.txt"]
    assert store.embedding_model == "topics"


async def test_a_file_is_completed_when_its_vectors_are_there(reading: Engine) -> None:
    store_id = await begin_library(reading)
    assert await names(reading, store_id, "vehicle") == []
    assert await status_of(reading, store_id) == "in_progress"
    assert await worker_of(reading).embed_next()
    assert await status_of(reading, store_id) == "completed"
    assert await names(reading, store_id, "vehicle") == ["red.txt"]


@pytest.mark.parametrize("is_ready", [True, False])
async def test_without_its_model_a_file_is_completed_and_embedded_later(
    reading: Engine, embedder: TopicEmbedder, clock: FakeClock, *, is_ready: bool
) -> None:
    store_id = await begin_library(reading)
    embedder.is_ready, embedder.error = is_ready, UpstreamFailed("It is down.")
    worker = worker_of(reading)
    await worker.embed_next()
    assert await worker.embed_next() is False
    assert await status_of(reading, store_id) == "completed"
    assert await names(reading, store_id, "automobile") == ["red.txt"]
    embedder.is_ready, embedder.error = True, None
    clock.advance(301)
    assert await worker.embed_next()
    assert await names(reading, store_id, "vehicle") == ["red.txt"]


async def test_a_query_that_cannot_be_embedded_goes_by_words(searching: Engine, embedder: TopicEmbedder) -> None:
    store = await library(searching, **TEXTS)
    embedder.error = UpstreamFailed("It is down.")
    assert await names(searching, store.id, "vehicle") == []
    assert await names(searching, store.id, "automobile") == ["red.txt"]


async def test_a_search_does_not_wait_for_a_long_copy_of_the_vectors(searching: Engine, tmp_path: Path) -> None:
    store = await library(searching, **TEXTS)
    index = VectorIndex(searching.database, TopicEmbedder(), tmp_path / "impatient", copy_seconds=0.001)
    impatient = replace(searching, vectors=index)
    assert await names(impatient, store.id, "automobile") == ["red.txt"]
    with anyio.fail_after(10):
        while await names(impatient, store.id, "vehicle") != ["red.txt"]:
            await anyio.sleep(0.01)
    index.close()


async def test_new_files_join_and_removed_ones_leave(searching: Engine) -> None:
    store = await library(searching, **TEXTS)
    assert await names(searching, store.id, "water") == ["sea.txt"]
    file = await upload(searching, "car.txt", b"A car of mine.")
    await vector_store_files.add_file(searching, store.id, AddFile(file_id=file.id))
    await read_store(searching, store.id)
    assert sorted(await names(searching, store.id, "vehicle")) == ["car.txt", "red.txt"]
    listed = await vector_store_files.list_files(searching, store.id, rows.Cursor(order="asc"))
    await vector_store_files.remove_file(searching, store.id, listed.data[0].id)
    assert await names(searching, store.id, "vehicle") == ["car.txt"]


async def test_another_model_never_uses_what_is_there_and_embeds_it_anew(reading: Engine, tmp_path: Path) -> None:
    store_id = await begin_library(reading)
    await worker_of(reading).embed_next()
    other = VectorIndex(reading.database, TopicEmbedder("other"), tmp_path / "other")
    changed = replace(reading, vectors=other)
    worker = worker_of(changed)
    await worker.begin()
    assert await names(changed, store_id, "vehicle") == []
    assert await names(changed, store_id, "automobile") == ["red.txt"]
    assert await status_of(changed, store_id) == "completed"
    assert await worker.embed_next()
    assert await names(changed, store_id, "vehicle") == ["red.txt"]
    assert (await vector_stores.get_vector_store(changed, store_id)).embedding_model == "other"
    assert await names(reading, store_id, "vehicle") == []
    other.close()


class TiredEmbedder(TopicEmbedder):
    """Remembers what it embedded, and fails once it has done so many texts."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.done: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        if len(self.done) + len(texts) > self.most:
            raise UpstreamFailed("It is tired.")
        self.done += texts
        return await super().embed(texts)


async def test_what_was_embedded_before_a_fault_is_not_embedded_again(
    engine: Engine, tmp_path: Path, clock: FakeClock
) -> None:
    embedder = TiredEmbedder(10)
    index = VectorIndex(engine.database, embedder, tmp_path / "vectors")
    reading = replace(engine, vectors=index)
    file = await upload(reading, "long.txt", " ".join(f"car{number}" for number in range(1_500)).encode())
    chunking = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}}
    body = CreateVectorStore.model_validate({"file_ids": [file.id], "chunking_strategy": chunking})
    store = await vector_stores.create_vector_store(reading, body)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Ingester(reading).work)
        await until_words_are_found(reading, store.id, "car7")
        tasks.cancel_scope.cancel()
    await worker_of(reading).embed_next()
    assert len(embedder.done) == 8
    embedder.most = 1_000
    clock.advance(61)
    assert await worker_of(reading).embed_next()
    assert len(embedder.done) == len(set(embedder.done)) == 15
    assert await names(reading, store.id, "vehicle", limit=50) == ["long.txt"] * 15
    index.close()


async def test_no_file_is_left_in_the_folder(searching: Engine, tmp_path: Path) -> None:
    store = await library(searching, **TEXTS)
    await names(searching, store.id, "vehicle")
    await vector_stores.delete_vector_store(searching, store.id)
    assert list((tmp_path / "vectors").iterdir()) == []


def test_the_closest_of_very_many_are_found() -> None:
    random = np.random.default_rng(7)
    vectors = of_length_one(random.standard_normal((50_000, 64), dtype=np.float32))
    owners = np.arange(50_000) % 4
    store = part_of(vectors, range(50_000), owners.tolist())
    query = of_length_one(vectors[7:8] + 0.05 * random.standard_normal((1, 64), dtype=np.float32))[0]
    assert closest(store, query, 5, None)[0][1] == 7
    assert closest(store, query, 5, [0])[0][1] == int(np.argmax(np.where(owners == 0, vectors @ query, -1)))


def test_what_both_rankings_put_first_scores_one() -> None:
    scores = fuse([[7, 8], [7, 9], []])
    assert scores[7] == 1.0
    assert 0 < scores[8] < 1

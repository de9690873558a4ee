"""Search by meaning: vectors are added behind a file's words, and belong to one model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from app.engine import vector_store_files, vector_stores
from app.engine.engine import Engine
from app.engine.store import rows
from app.engine.tools.file_search.embedding_worker import EmbeddingWorker
from app.engine.tools.file_search.ingester import Ingester
from app.engine.tools.file_search.search import find_passages, fuse
from app.engine.tools.file_search.vectors import VectorIndex
from app.wire.vector_stores import AddFile
from tests.doubles.embedder import TopicEmbedder
from tests.engine.libraries import library, read_store, upload

TEXTS = {"red": "My automobile is red.", "sea": "The ocean is deep.", "sum": "Two and two make four."}


@pytest.fixture
async def searching(engine: Engine, tmp_path: Path) -> AsyncIterator[Engine]:
    """Yield the engine with an embedding model and its ingester at work."""
    index = VectorIndex(engine.database, TopicEmbedder(), tmp_path / "vectors")
    searching = replace(engine, vectors=index)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Ingester(searching).work)
        yield searching
        tasks.cancel_scope.cancel()


async def embed_all(engine: Engine) -> None:
    assert engine.vectors is not None
    worker = EmbeddingWorker(engine.database, engine.vectors.embedder)
    while await worker.embed_some():
        pass


async def names(engine: Engine, store_id: str, query: str) -> list[str]:
    return [found.filename for found in await find_passages(engine, [store_id], [query], limit=10)]


async def test_other_words_for_the_same_thing_are_found(searching: Engine) -> None:
    store = await library(searching, **TEXTS)
    assert await names(searching, store.id, "vehicle") == []
    await embed_all(searching)
    assert await names(searching, store.id, "vehicle") == ["red.txt"]
    assert (await vector_stores.get_vector_store(searching, store.id)).embedding_model == "topics"


async def test_new_files_join_and_removed_ones_leave(searching: Engine) -> None:
    store = await library(searching, **TEXTS)
    await embed_all(searching)
    assert await names(searching, store.id, "water") == ["sea.txt"]
    file = await upload(searching, "car.txt", b"A car of mine.")
    await vector_store_files.add_file(searching, store.id, AddFile(file_id=file.id))
    await read_store(searching, store.id)
    await embed_all(searching)
    assert sorted(await names(searching, store.id, "vehicle")) == ["car.txt", "red.txt"]
    listed = await vector_store_files.list_files(searching, store.id, rows.Cursor(order="asc"))
    await vector_store_files.remove_file(searching, store.id, listed.data[0].id)
    assert await names(searching, store.id, "vehicle") == ["car.txt"]


async def test_a_store_is_not_searched_with_another_models_vectors(searching: Engine, tmp_path: Path) -> None:
    store = await library(searching, **TEXTS)
    await embed_all(searching)
    other = VectorIndex(searching.database, TopicEmbedder("other"), tmp_path / "other")
    changed = replace(searching, vectors=other)
    assert await names(changed, store.id, "vehicle") == []
    assert await names(changed, store.id, "automobile") == ["red.txt"]
    assert await EmbeddingWorker(searching.database, other.embedder).embed_some() is False


def test_what_both_rankings_put_first_scores_one() -> None:
    scores = fuse([[7, 8], [7, 9], []])
    assert scores[7] == 1.0
    assert 0 < scores[8] < 1

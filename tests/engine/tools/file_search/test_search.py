"""What each option of a search does, and what is deleted while others are found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import Connection, insert

from app.engine import vector_stores
from app.engine.engine import Engine
from app.engine.store import chunks, rows, tables, words
from app.engine.tools.file_search.discarding import discard_some
from app.engine.tools.file_search.embedding_worker import EmbeddingWorker
from app.engine.tools.file_search.search import search_store
from app.engine.tools.file_search.vectors import VectorIndex
from app.errors import UpstreamFailed
from app.wire.vector_stores import CreateVectorStore, SearchRequest, SearchResults
from tests.doubles.embedder import TopicEmbedder
from tests.doubles.models import ScriptedModel, says

BANANAS = {"yellow": "The banana is yellow.", "green": "A green banana is sour.", "sky": "The sky is blue."}


async def make_store(engine: Engine, files: Mapping[str, Sequence[str]], **attributes: dict[str, Any]) -> str:
    """Make a store of files whose chunks are given, as the ingester leaves them."""
    store = await vector_stores.create_vector_store(engine, CreateVectorStore())

    def fill(connection: Connection) -> None:
        for name, texts in files.items():
            insert_file(connection, store.id, name, texts, attributes.get(name, {}))

    await engine.database.write(fill)
    return store.id


def insert_file(
    connection: Connection, store_id: str, name: str, texts: Sequence[str], attributes: dict[str, Any]
) -> None:
    file = {"id": f"file-{store_id[-4:]}{name}", "created_at": 0}
    values = {**file, "bytes": 1, "filename": name, "purpose": "assistants", "status": "processed", "blob": "b"}
    connection.execute(insert(tables.files).values(**values))
    row_id = f"{store_id}.{file['id']}"
    values = {"id": row_id, "created_at": 0, "vector_store_id": store_id, "file_id": file["id"], "usage_bytes": 1}
    values |= {"status": "completed", "is_read": True, "chunking_strategy": {}, "attributes": attributes}
    rows.insert_row(connection, tables.store_files, values)
    named = {"vector_store_id": store_id, "store_file_id": row_id, "page": None, "embedding": None}
    chunks.insert_chunks(connection, [{**named, "number": place, "text": text} for place, text in enumerate(texts)])


async def search(engine: Engine, store_id: str, query: str | list[str], **options: Any) -> SearchResults:
    return await search_store(engine, store_id, SearchRequest.model_validate({"query": query, **options}))


async def names(engine: Engine, store_id: str, query: str | list[str], **options: Any) -> list[str]:
    return [found.filename for found in (await search(engine, store_id, query, **options)).data]


@pytest.fixture
async def embedded(engine: Engine, tmp_path: Path) -> AsyncIterator[Engine]:
    """Yield the engine with an embedding model."""
    index = VectorIndex(engine.database, TopicEmbedder(), tmp_path / "vectors")
    yield replace(engine, vectors=index)
    index.close()


async def embed_all(engine: Engine) -> None:
    assert engine.vectors is not None
    worker = EmbeddingWorker(engine.database, engine.vectors.embedder, engine.clock, engine.files_read)
    while await worker.embed_next():
        pass


async def test_no_more_results_than_asked_for(engine: Engine) -> None:
    store_id = await make_store(engine, {name: [text] for name, text in BANANAS.items()})
    assert len(await names(engine, store_id, "banana yellow green")) == 2
    assert len(await names(engine, store_id, "banana yellow green", max_num_results=1)) == 1


async def test_what_scores_below_the_threshold_is_left_out(engine: Engine) -> None:
    store_id = await make_store(engine, {name: [text] for name, text in BANANAS.items()})
    both = (await search(engine, store_id, "yellow banana")).data
    assert [found.score for found in both] == [1.0, pytest.approx(11 / 12, abs=1e-6)]
    assert await names(engine, store_id, "yellow banana", ranking_options={"score_threshold": 0.99}) == ["yellow"]


async def test_without_a_ranker_meaning_alone_decides(embedded: Engine) -> None:
    texts = {"car": ["An automobile."], "word": ["Vehicle tax and water rates."], "sea": ["The ocean."]}
    store_id = await make_store(embedded, texts)
    await embed_all(embedded)
    fused = await names(embedded, store_id, "vehicle tax")
    alone = await names(embedded, store_id, "vehicle tax", ranking_options={"ranker": "none"})
    assert (fused[0], alone[0]) == ("word", "car")


async def test_without_vectors_words_decide_whatever_the_ranker(engine: Engine) -> None:
    store_id = await make_store(engine, {name: [text] for name, text in BANANAS.items()})
    assert await names(engine, store_id, "blue", ranking_options={"ranker": "none"}) == ["sky"]


async def test_a_question_is_rewritten_by_a_model(engine: Engine, model: ScriptedModel) -> None:
    store_id = await make_store(engine, {name: [text] for name, text in BANANAS.items()})
    model.turns = [says("- blue sky\n\n* colour of the heavens")]
    found = await search(engine, store_id, "What do I see above me?", rewrite_query=True)
    assert found.search_query == ["blue sky", "colour of the heavens"]
    assert [one.filename for one in found.data] == ["sky"]


async def test_without_a_model_the_question_stays_as_it_is(engine: Engine, model: ScriptedModel) -> None:
    store_id = await make_store(engine, {name: [text] for name, text in BANANAS.items()})
    model.turns = [[UpstreamFailed("It is down.")]]
    found = await search(engine, store_id, "blue", rewrite_query=True)
    assert (found.search_query, len(found.data)) == (["blue"], 1)


async def test_a_filter_finds_what_many_better_passages_hide(embedded: Engine) -> None:
    many = ["car car car"] * 300
    store_id = await make_store(embedded, {"many": many, "one": ["A car, once, far down."]}, one={"year": 2024})
    await embed_all(embedded)
    wanted = {"type": "eq", "key": "year", "value": 2024}
    assert await names(embedded, store_id, "car", filters=wanted) == ["one"]
    assert await names(embedded, store_id, "vehicle", filters=wanted) == ["one"]
    assert await names(embedded, store_id, "car", filters={**wanted, "value": 1}) == []


async def test_words_that_nearly_all_chunks_hold_are_found_too(engine: Engine) -> None:
    many = [f"sales report {number}" for number in range(2_500)]
    store_id = await make_store(engine, {"many": many, "both": ["sales report of bananas"]})
    assert (await names(engine, store_id, "sales report"))[0] == "many"
    assert await names(engine, store_id, "bananas sales report") == ["both"]


async def test_stores_are_searched_apart_and_together(engine: Engine) -> None:
    first = await make_store(engine, {"a": ["yellow banana"]})
    second = await make_store(engine, {"b": ["green banana"]})
    assert await names(engine, first, "banana") == ["a"]
    assert await names(engine, second, "banana") == ["b"]

    def both(connection: Connection) -> list[int]:
        return words.rank_by_words(connection, [first, second], "banana", 10)

    assert len(await engine.database.read(both)) == 2


async def test_a_large_store_is_gone_at_once_and_deleted_in_slices(engine: Engine) -> None:
    store_id = await make_store(engine, {"many": ["sales report"] * 1_000})
    with anyio.fail_after(5):
        await vector_stores.delete_vector_store(engine, store_id)
    assert await count(engine) == 1_000
    assert await discard_some(engine.database)
    assert 0 < await count(engine) < 1_000
    while await discard_some(engine.database):
        pass
    assert await count(engine) == 0


async def test_a_large_file_is_not_found_once_it_is_removed(engine: Engine) -> None:
    store_id = await make_store(engine, {"many": ["sales report"] * 300, "one": ["A report, far down."]})
    await engine.database.write(lambda connection: chunks.remove_file(connection, f"file-{store_id[-4:]}many"))
    assert await names(engine, store_id, "report") == ["one"]
    assert await count(engine) == 301


async def count(engine: Engine) -> int:
    return await engine.database.read(lambda connection: len(connection.execute(tables.chunks.select()).all()))

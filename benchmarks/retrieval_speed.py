"""How fast documents are read and passages found: ingestion, then searches of stores of several sizes.

Ingestion goes through the product's ingester and, where its weights are here, the built-in embedding model. The large
stores are filled through the product's store functions with made-up words, as frequent as words are, and random
vectors. The searches are the product's own, with the built-in model where it is here.

Run it from the project's folder: `PYTHONPATH=. .venv/bin/python benchmarks/retrieval_speed.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from pathlib import Path

import anyio
import numpy as np
from anyio import to_thread
from retrieval_engine import make_engine, own_memory_mb
from sqlalchemy import Connection, insert, update

from app.engine import files, vector_stores
from app.engine.engine import Engine
from app.engine.models.builtin.minilm import MiniLm
from app.engine.models.embeddings import Vectors, of_length_one
from app.engine.store import chunks, rows, tables
from app.engine.tools.file_search.embedding_worker import EmbeddingWorker
from app.engine.tools.file_search.ingester import Ingester
from app.engine.tools.file_search.search import Search, find_passages
from app.settings import Settings
from app.wire.vector_stores import CreateVectorStore

DIMENSION = 384
CHUNKS_PER_FILE = 1_000
VOCABULARY = 200_000
STOP_WORDS = 100
QUERY_WORDS = 6


class RandomEmbedder:
    """Embeds anything as a random vector, without delay."""

    name = "random"
    is_ready = True
    least_similarity = -1.0

    async def fetch(self) -> None:
        """Do nothing."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return random vectors of length one."""
        return of_length_one(np.random.default_rng().standard_normal((len(texts), DIMENSION), dtype=np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="chunks of the stores, comma separated")
    parser.add_argument("--words", type=int, default=400, help="words of a chunk")
    parser.add_argument("--searches", type=int, default=60, help="searches of each store")
    parser.add_argument("--database", help="URL of an empty PostgreSQL database instead of SQLite; one size only")
    parser.add_argument("--models", type=Path, default=Settings().data_dir / "models", help="where the weights are")
    parser.add_argument("--random", action="store_true", help="random vectors for queries, without the model")
    parser.add_argument("--no-ingestion", action="store_true", help="only search")
    options = parser.parse_args()
    print(f"load average before   {os.getloadavg()[0]:6.1f}")
    asyncio.run(measure_all(options))
    print(f"load average after    {os.getloadavg()[0]:6.1f}")


async def measure_all(options: argparse.Namespace) -> None:
    minilm = MiniLm(options.models)
    if not options.no_ingestion:
        await measure_ingestion(minilm)
    embedder = minilm if minilm.is_ready and not options.random else RandomEmbedder()
    await measure_query(embedder)
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            async with make_engine(Path(folder), embedder, options.database) as engine:
                await measure_search(engine, Path(folder), size, options)


async def measure_ingestion(embedder: MiniLm) -> None:
    """Read text files by words alone; then embed some of their chunks."""
    words = Words()
    with tempfile.TemporaryDirectory() as folder:
        async with make_engine(Path(folder), None) as engine, working(engine):
            texts = [words.text(60_000) for _ in range(8)]
            ids = [await upload(engine, f"{number}.txt", text) for number, text in enumerate(texts)]
            began = time.perf_counter()
            store = await vector_stores.create_vector_store(engine, CreateVectorStore(file_ids=ids))
            while (await vector_stores.get_vector_store(engine, store.id)).status != "completed":  # noqa: ASYNC110
                await anyio.sleep(0.01)
            seconds = time.perf_counter() - began
            size = sum(map(len, texts)) / 1e6
            count = await engine.database.read(count_chunks)
            print(f"read by words         {size / seconds:6.2f} MB/s  {count / seconds:6.0f} chunks/s of 800 tokens")
    if embedder.is_ready:
        texts = [words.text(400) for _ in range(24)]
        await embedder.embed(texts[:1])
        began = time.perf_counter()
        for start in range(0, len(texts), 8):
            await embedder.embed(texts[start : start + 8])
        print(f"embedded              {len(texts) / (time.perf_counter() - began):6.1f} chunks/s of 800 tokens")


async def measure_query(embedder: MiniLm | RandomEmbedder) -> None:
    times = []
    for number in range(20):
        began = time.perf_counter()
        await embedder.embed([f"what was sold in month {number} and who bought most of it?"])
        times.append(1000 * (time.perf_counter() - began))
    print(f"embedding a query     {statistics.median(times):6.1f} ms p50 ({embedder.name}), part of each search below")


async def measure_search(engine: Engine, folder: Path, size: int, options: argparse.Namespace) -> None:
    words = Words()
    began = time.perf_counter()
    store_id = await fill(engine, size, options.words, words)
    filled = time.perf_counter() - began
    memory = own_memory_mb()
    began = time.perf_counter()
    await search(engine, store_id, words.query())
    first = time.perf_counter() - began
    times, used = [], 0.0
    for _ in range(options.searches):
        query = words.query()
        used -= time.process_time()
        began = time.perf_counter()
        await search(engine, store_id, query)
        times.append(1000 * (time.perf_counter() - began))
        used += time.process_time()
    times.sort()
    disk = await to_thread.run_sync(size_mb, folder)
    memory = own_memory_mb() - memory
    print(
        f"{size:9,} chunks      {statistics.median(times):6.1f} ms p50  {times[int(len(times) * 0.95)]:6.1f} ms p95  "
        f"{1000 * used / len(times):.1f} ms of processor  first search {first:.1f} s  memory {memory:.0f} MB  "
        f"vectors {size * DIMENSION * 4 / 1e6:.0f} MB mapped  database {disk:,.0f} MB  filled in {filled:.0f} s",
        flush=True,
    )


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


async def search(engine: Engine, store_id: str, query: str) -> None:
    found = await find_passages(engine, Search([store_id], [query], 10))
    assert found


async def fill(engine: Engine, size: int, words_of_chunk: int, words: Words) -> str:
    """Fill a store as ingester and embedding worker would, without reading and embedding."""
    store = await vector_stores.create_vector_store(engine, CreateVectorStore())
    assert engine.vectors is not None
    model = engine.vectors.embedder.name
    for first in range(0, size, CHUNKS_PER_FILE):
        texts = [words.text(words_of_chunk) for _ in range(min(CHUNKS_PER_FILE, size - first))]
        await engine.database.write(partial(insert_file, store_id=store.id, number=first, texts=texts, model=model))
    await engine.database.write(partial(finish, store_id=store.id, model=model))
    return store.id


def insert_file(connection: Connection, store_id: str, number: int, texts: Sequence[str], model: str) -> None:
    file_id = f"file-{number}"
    values = {"id": file_id, "created_at": 0, "bytes": 1, "filename": f"{number}.txt", "purpose": "assistants"}
    connection.execute(insert(tables.files).values(**values, status="processed", blob="none"))
    row_id = f"{store_id}.{file_id}"
    values = {"id": row_id, "created_at": 0, "vector_store_id": store_id, "file_id": file_id, "usage_bytes": 1}
    values |= {"status": "completed", "is_read": True, "is_embedded": True, "embedding_model": model}
    rows.insert_row(connection, tables.store_files, {**values, "chunking_strategy": {}, "attributes": {}})
    vectors = np.random.default_rng(number).standard_normal((len(texts), DIMENSION), dtype=np.float32)
    shared = {"vector_store_id": store_id, "store_file_id": row_id, "page": None}
    chunks.insert_chunks(
        connection,
        [
            {**shared, "number": place, "text": text, "embedding": vector.tobytes()}
            for place, (text, vector) in enumerate(zip(texts, of_length_one(vectors), strict=True))
        ],
    )


def finish(connection: Connection, store_id: str, model: str) -> None:
    store = tables.vector_stores
    query = update(store).where(store.c.id == store_id)
    connection.execute(query.values(embedding_model=model, embedding_dimension=DIMENSION, revision=1))


def count_chunks(connection: Connection) -> int:
    return len(connection.execute(tables.chunks.select().with_only_columns(tables.chunks.c.seq)).all())


async def upload(engine: Engine, name: str, text: str) -> str:
    async with engine.blobs.writer() as blob:
        await blob.write(text.encode())
    return (await files.store_upload(engine, blob, name, "assistants", "file-")).id


@contextlib.asynccontextmanager
async def working(engine: Engine) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Ingester(engine).work)
        if engine.vectors is not None:
            worker = EmbeddingWorker(engine.database, engine.vectors.embedder, engine.clock, engine.files_read)
            tasks.start_soon(worker.work)
        yield
        tasks.cancel_scope.cancel()


class Words:
    """Made-up words, the n-th of them about a n-th as frequent as the first."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(1)
        self._names = np.array(list(_names(VOCABULARY)))
        shares = 1 / np.arange(1, VOCABULARY + 1) ** 1.05
        self._sums = np.cumsum(shares / shares.sum())

    def text(self, words: int) -> str:
        """Return so many words."""
        return " ".join(self._names[self._numbers(words)])

    def query(self) -> str:
        """Return words of a text, without those that stand for stop words."""
        numbers = {int(number) for number in self._numbers(400) if number >= STOP_WORDS}
        return " ".join(self._names[random.sample(sorted(numbers), QUERY_WORDS)])

    def _numbers(self, words: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        found = np.searchsorted(self._sums, self._random.random(words))
        return np.minimum(found, VOCABULARY - 1)


def _names(count: int) -> Iterator[str]:
    for number in range(26**2, 26**2 + count):
        letters, rest = "", number
        while rest:
            rest, letter = divmod(rest, 26)
            letters += chr(ord("a") + letter)
        yield f"w{letters}"


if __name__ == "__main__":
    main()

"""How well passages are found by words alone, by meaning alone, and by both, through the product's own search.

The set is fetched by pip at the first run: bookmarks with comments and summaries as passages, topics as queries, and
those that a person gave each bookmark as what is relevant. The fusion's constants were chosen on the half of the
queries called `tuning`; `held out` is the other.

Run it from the project's folder: `PYTHONPATH=. .venv/bin/python benchmarks/retrieval_quality.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from retrieval_engine import make_engine
from retrieval_set import RetrievalSet, load_set
from sqlalchemy import Connection, insert, select

from app.engine import vector_stores
from app.engine.engine import Engine
from app.engine.models.builtin.minilm import MiniLm
from app.engine.store import chunks, rows, tables
from app.engine.store.words import rank_by_words
from app.engine.tools.file_search.embedding_worker import EmbeddingWorker
from app.engine.tools.file_search.search import Search, find_passages
from app.settings import Settings
from app.wire.vector_stores import CreateVectorStore

DEPTH = 10
RECALL_AT = 5

Rankings = Mapping[str, Sequence[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--models", type=Path, default=Settings().data_dir / "models", help="where the weights are")
    options = parser.parse_args()
    wanted = load_set()
    print(f"{len(wanted.passages)} passages, {len(wanted.queries)} queries")
    asyncio.run(measure(wanted, options.models))


async def measure(wanted: RetrievalSet, models: Path) -> None:
    embedder = MiniLm(models)
    await embedder.fetch()
    with tempfile.TemporaryDirectory() as folder:
        async with make_engine(Path(folder), embedder) as engine:
            began = time.perf_counter()
            store_id = await fill(engine, wanted.passages)
            print(f"embedded in {time.perf_counter() - began:.0f} s")
            found = await rank_all(engine, store_id, wanted)
    for part, names in halves(wanted.queries).items():
        print(f"{part:10} {'':8} recall@{RECALL_AT}  nDCG@{DEPTH}")
        for way, rankings in found.items():
            recall = mean(recall_of, rankings, wanted.relevant, names)
            gain = mean(gain_of, rankings, wanted.relevant, names)
            print(f"{'':10} {way:8} {recall:8.3f} {gain:8.3f}")


async def fill(engine: Engine, passages: Mapping[str, str]) -> str:
    """Make a store of the passages, one a file, and embed them as the product does."""
    store = await vector_stores.create_vector_store(engine, CreateVectorStore())
    await engine.database.write(partial(insert_passages, store_id=store.id, texts=list(passages.values())))
    assert engine.vectors is not None
    worker = EmbeddingWorker(engine.database, engine.vectors.embedder, engine.clock, engine.files_read)
    while await worker.embed_next():
        pass
    return store.id


def insert_passages(connection: Connection, store_id: str, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts):
        file_id = f"file-{number}"
        file = {"id": file_id, "created_at": 0, "bytes": 1, "filename": str(number), "purpose": "assistants"}
        connection.execute(insert(tables.files).values(**file, status="processed", blob="none"))
        owner = {"id": f"{store_id}.{file_id}", "created_at": 0, "vector_store_id": store_id, "file_id": file_id}
        owner |= {"usage_bytes": 1, "status": "in_progress", "is_read": True}
        rows.insert_row(connection, tables.store_files, {**owner, "chunking_strategy": {}, "attributes": {}})
        chunk = {"vector_store_id": store_id, "store_file_id": owner["id"], "number": 0, "page": None}
        chunks.insert_chunks(connection, [{**chunk, "text": text, "embedding": None}])


async def rank_all(engine: Engine, store_id: str, wanted: RetrievalSet) -> dict[str, Rankings]:
    """Return each way's ranking of passages for each query."""
    assert engine.vectors is not None
    names = list(wanted.passages)
    places = {seq: names[number] for seq, number in (await engine.database.read(numbers_of)).items()}
    words: dict[str, list[str]] = {}
    meaning: dict[str, list[str]] = {}
    both: dict[str, list[str]] = {}
    for name, query in wanted.queries.items():
        ranked = partial(rank_by_words, store_ids=[store_id], query=query, limit=DEPTH)
        words[name] = [places[seq] for seq in await engine.database.read(ranked)]
        meaning[name] = [places[seq] for seq in await engine.vectors.rank([store_id], query, DEPTH)]
        found = await find_passages(engine, Search([store_id], [query], DEPTH))
        both[name] = [names[int(passage.filename)] for passage in found]
    return {"words": words, "meaning": meaning, "fused": both}


def numbers_of(connection: Connection) -> dict[int, int]:
    chunk = tables.chunks.c
    found = connection.execute(select(chunk.seq, chunk.store_file_id))
    return {seq: int(owner.partition(".file-")[2]) for seq, owner in found}


def halves(queries: Iterable[str]) -> dict[str, list[str]]:
    """Split the queries by their names, the same way every time."""
    parts: dict[str, list[str]] = {"tuning": [], "held out": []}
    for name in queries:
        parts["held out" if zlib.crc32(name.encode()) % 2 else "tuning"].append(name)
    return parts


def mean(
    measure_one: Callable[[Sequence[str], frozenset[str]], float],
    rankings: Rankings,
    relevant: Mapping[str, frozenset[str]],
    names: Iterable[str],
) -> float:
    return statistics.mean(measure_one(rankings[name], relevant[name]) for name in names)


def recall_of(ranking: Sequence[str], relevant: frozenset[str]) -> float:
    """Return the share of what is relevant, or of the places there are, that the first places hold."""
    return len(relevant.intersection(ranking[:RECALL_AT])) / min(len(relevant), RECALL_AT)


def gain_of(ranking: Sequence[str], relevant: frozenset[str]) -> float:
    """Return the discounted gain of the ranking over the best one's."""
    gain = sum(1 / math.log2(place + 2) for place, name in enumerate(ranking[:DEPTH]) if name in relevant)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(len(relevant), DEPTH)))


if __name__ == "__main__":
    main()

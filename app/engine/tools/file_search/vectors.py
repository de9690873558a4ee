"""Vectors of stores in memory-mapped files, one a store; the database is the truth, a file is its quick copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio
import numpy as np
from anyio import to_thread
from numpy.typing import NDArray

from app.database import Database
from app.engine.models.embeddings import Embedder, Vectors
from app.engine.store import embeddings

_READ_AT_ONCE = 2_000
_LEAST_SIMILARITY = 0.2
"""Below this, MiniLM's texts have nothing to do with each other; without it every search would find something."""


@dataclass(slots=True)
class _StoreVectors:
    """What is known of one store: row n of the file belongs to chunk `seqs[n]`, if it is alive."""

    path: Path
    revision: int = -1
    seqs: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    alive: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    lock: anyio.Lock = field(default_factory=anyio.Lock)


class VectorIndex:
    """Ranks a store's chunks by closeness in meaning."""

    def __init__(self, database: Database, embedder: Embedder, folder: Path) -> None:
        self._database = database
        self.embedder = embedder
        self._folder = folder
        self._stores: dict[str, _StoreVectors] = {}

    async def rank(self, store_id: str, query: str, limit: int) -> list[tuple[float, int]]:
        """Return similarity and number of the closest chunks, best first; none where the store has no vectors."""
        if not self.embedder.is_ready:
            return []
        revision = await self._database.read(
            partial(embeddings.revision_of, store_id=store_id, model=self.embedder.name)
        )
        if revision is None:
            return []
        if store_id not in self._stores:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{store_id}.f32"
            path.unlink(missing_ok=True)
            self._stores[store_id] = _StoreVectors(path)
        store = self._stores[store_id]
        async with store.lock:
            if store.revision != revision:
                await self._refresh(store_id, store, revision)
            return await to_thread.run_sync(self._closest, store, query, limit)

    async def _refresh(self, store_id: str, store: _StoreVectors, revision: int) -> None:
        """Append vectors that are new, and forget those that are gone."""
        current = np.array(
            await self._database.read(partial(embeddings.vector_seqs, store_id=store_id)), dtype=np.int64
        )
        missing = np.setdiff1d(current, store.seqs)
        for start in range(0, len(missing), _READ_AT_ONCE):
            part = missing[start : start + _READ_AT_ONCE].tolist()
            found = await self._database.read(partial(embeddings.read_vectors, seqs=part))
            await to_thread.run_sync(_append, store.path, b"".join(found.values()))
            store.seqs = np.concatenate([store.seqs, np.fromiter(found, dtype=np.int64)])
        store.alive = np.isin(store.seqs, current)
        store.revision = revision

    def _closest(self, store: _StoreVectors, query: str, limit: int) -> list[tuple[float, int]]:
        if not len(store.seqs):
            return []
        shape = (len(store.seqs), self.embedder.dimension)
        matrix: Vectors = np.memmap(store.path, dtype=np.float32, mode="r", shape=shape)
        scores = matrix @ self.embedder.embed([query])[0]
        scores[~store.alive] = -1.0
        count = min(limit, len(scores))
        best = np.argpartition(-scores, count - 1)[:count]
        ordered = best[np.argsort(-scores[best], kind="stable")]
        return [(float(scores[row]), int(store.seqs[row])) for row in ordered if scores[row] >= _LEAST_SIMILARITY]


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)

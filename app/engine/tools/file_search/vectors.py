"""Vectors of stores in memory-mapped files, one a store; the database is the truth, a file is its quick copy.

In a large store a first look at the signs of all numbers, one bit each, finds the candidates; only theirs are read.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO

import anyio
import numpy as np
from anyio import to_thread
from numpy.typing import NDArray
from sqlalchemy import Connection

from app.database import Database
from app.engine.models.embeddings import Embedder, Vectors
from app.engine.store import embeddings
from app.engine.store.words import Ranking
from app.errors import UpstreamFailed

_log = logging.getLogger(__name__)

_READ_AT_ONCE = 2_000
_FILES_AT_ONCE = 200
_QUERY_SECONDS = 10.0
_COPY_SECONDS = 2.0
"""So long a search waits for a store's vectors to be copied, which takes a minute for a million; then words do."""
_LONGEST_QUERY = 4_000
_MOST_COMPARED = 20_000
"""So many vectors are compared whole, which takes 2 ms; of more, the candidates."""
_LEAST_CANDIDATES = 5_000
_CANDIDATE_SHARE = 0.02
"""Of 7,000 real texts a fiftieth held 97 % of a query's ten closest, a twentieth 99 %; of more texts it holds more."""
_BYTES = 4
_BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A store's vectors at one moment: row n of the matrix belongs to chunk `seqs[n]` of file `owners[n]`, if alive."""

    matrix: Vectors
    seqs: NDArray[np.int64]
    owners: NDArray[np.int64]
    alive: NDArray[np.bool_]
    signs: NDArray[np.uint64]
    files: Mapping[str, int]


@dataclass(slots=True)
class _Store:
    """What is kept of one store."""

    file: IO[bytes]
    now: Snapshot
    revision: int = -1
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    refreshing: threading.Lock = field(default_factory=threading.Lock)


class VectorIndex:
    """Ranks stores' chunks by closeness in meaning."""

    def __init__(
        self, database: Database, embedder: Embedder, folder: Path, *, copy_seconds: float = _COPY_SECONDS
    ) -> None:
        self._copy_seconds = copy_seconds
        self._database = database
        self.embedder = embedder
        self._folder = folder
        self._stores: dict[str, _Store] = {}

    async def rank(
        self, store_ids: Sequence[str], query: str, limit: int, allowed: Sequence[str] | None = None
    ) -> list[int]:
        """Return the numbers of the closest chunks, best first; none where the stores have no vectors.

        `allowed` are the ids of the files in stores that may be found, None stands for all.
        """
        stores = [store for store_id in store_ids if (store := await self._current(store_id)) is not None]
        vector = await self._embed(query) if stores else None
        if vector is None:
            return []
        found: Ranking = []
        for store in stores:
            if store.matrix.shape[1] == len(vector):
                files = None if allowed is None else [store.files[one] for one in allowed if one in store.files]
                found += await to_thread.run_sync(closest, store, vector, limit, files)
        found.sort(key=lambda pair: -pair[0])
        return [seq for score, seq in found[:limit] if score >= self.embedder.least_similarity]

    def forget(self, store_id: str) -> None:
        """Drop what is kept of a store that was deleted."""
        store = self._stores.pop(store_id, None)
        if store is not None:
            store.file.close()

    def close(self) -> None:
        """Drop everything."""
        for store_id in list(self._stores):
            self.forget(store_id)

    async def _embed(self, query: str) -> Vectors | None:
        try:
            with anyio.fail_after(_QUERY_SECONDS):
                vector: Vectors = (await self.embedder.embed([query[:_LONGEST_QUERY]]))[0]
        except (UpstreamFailed, TimeoutError) as exc:
            _log.warning("A query can't be embedded, the search goes by words alone: %s", exc or "no answer in time")
            return None
        return vector

    async def _current(self, store_id: str) -> Snapshot | None:
        """Return a store's vectors as they are now."""
        if not self.embedder.is_ready:
            return None
        found = await self._database.read(partial(embeddings.revision_of, store_id=store_id, model=self.embedder.name))
        if found is None:
            return None
        revision, dimension = found
        store = self._kept(store_id, dimension)
        if store.lock.locked() and store.revision >= 0:
            return store.now  # Somebody fetches what is new; what is gone is left out when passages are read.
        refresh = partial(self._refresh, store_id=store_id, store=store, revision=revision)
        with anyio.move_on_after(self._copy_seconds):  # The thread goes on, and a later search finds more.
            async with store.lock:
                if store.revision != revision:
                    await self._database.read(refresh)
        return store.now

    def _refresh(self, connection: Connection, store_id: str, store: _Store, revision: int) -> None:
        if not store.refreshing.acquire(blocking=False):
            return
        try:
            store.now = self._refreshed(connection, store_id, store)
            store.revision = revision
        finally:
            store.refreshing.release()

    def _kept(self, store_id: str, dimension: int) -> _Store:
        store = self._stores.get(store_id)
        if store is not None and store.now.matrix.shape[1] == dimension:
            return store
        self.forget(store_id)
        store = self._stores[store_id] = _Store(_unnamed_file(self._folder), nothing(dimension))
        return store

    def _refreshed(self, connection: Connection, store_id: str, store: _Store) -> Snapshot:
        """Append the vectors of files that are new, and forget the files that are gone."""
        now = store.now
        current = embeddings.embedded_files(connection, store_id, self.embedder.name)
        known = set(now.files.values())
        new = [file_id for file_id, seq in current.items() if seq not in known]
        parts = [now]
        for start in range(0, len(new), _FILES_AT_ONCE):
            found = embeddings.read_vectors(connection, new[start : start + _FILES_AT_ONCE], _READ_AT_ONCE)
            parts += [_written(store.file, now.matrix.shape[1], rows, current) for rows in found]
        now = joined(parts)
        return replace(
            now,
            matrix=_mapped(store.file, (len(now.seqs), now.matrix.shape[1])),
            alive=np.isin(now.owners, np.fromiter(current.values(), dtype=np.int64)),
            files=current,
        )


def nothing(dimension: int) -> Snapshot:
    """Return the snapshot of a store without vectors."""
    numbers = np.empty(0, dtype=np.int64)
    signs = np.empty((-(-dimension // 64), 0), dtype=np.uint64)
    return Snapshot(
        np.empty((0, dimension), dtype=np.float32), numbers, numbers, np.empty(0, dtype=np.bool_), signs, {}
    )


def part_of(vectors: Vectors, seqs: Sequence[int], owners: Sequence[int]) -> Snapshot:
    """Return a snapshot of some vectors."""
    alive = np.ones(len(seqs), dtype=np.bool_)
    return Snapshot(vectors, np.array(seqs, np.int64), np.array(owners, np.int64), alive, _signs(vectors), {})


def joined(parts: Sequence[Snapshot]) -> Snapshot:
    """Return the rows of all parts as one snapshot, whose matrix and living rows the caller knows."""
    return replace(
        parts[0],
        seqs=np.concatenate([part.seqs for part in parts]),
        owners=np.concatenate([part.owners for part in parts]),
        signs=np.concatenate([part.signs for part in parts], axis=1),
    )


def closest(store: Snapshot, query: Vectors, limit: int, files: Sequence[int] | None) -> Ranking:
    """Return products and numbers of the closest chunks, best first; `files` are those that may be found."""
    wanted = store.alive if files is None else store.alive & np.isin(store.owners, np.array(files, dtype=np.int64))
    rows = np.flatnonzero(wanted)
    if not len(rows):
        return []
    if len(rows) > _MOST_COMPARED:
        rows = _candidates(store, query, rows)
    # Not `@`: its library's threads wait for each other, 40 ms where the processors are busy.
    scores = np.vecdot(store.matrix if len(rows) == len(store.matrix) else store.matrix[rows], query)
    count = min(limit, len(scores))
    best = np.argpartition(-scores, count - 1)[:count]
    best = best[np.argsort(-scores[best], kind="stable")]
    return [(float(scores[place]), int(store.seqs[rows[place]])) for place in best]


def _candidates(store: Snapshot, query: Vectors, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return, in their order, the rows whose signs agree most with the query's."""
    signs = _signs(query[None, :])[:, 0]
    differences = np.empty(len(store.seqs), dtype=np.uint16)
    for start in range(0, len(store.seqs), _BLOCK):
        block = store.signs[:, start : start + _BLOCK]
        counted = np.zeros(block.shape[1], dtype=np.uint16)
        for part, sign in zip(block, signs, strict=True):
            counted += np.bitwise_count(part ^ sign)
        differences[start : start + _BLOCK] = counted
    most = max(_LEAST_CANDIDATES, int(len(rows) * _CANDIDATE_SHARE))
    chosen = rows[np.argpartition(differences[rows], most)[:most]]
    chosen.sort()
    return chosen


def _unnamed_file(folder: Path) -> IO[bytes]:
    """Open a file that has no name, so that nothing is left of it when the program ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder, buffering=0)


def _written(
    file: IO[bytes], dimension: int, rows: Sequence[tuple[int, str, bytes]], owners: Mapping[str, int]
) -> Snapshot:
    """Append rows' vectors to the file; only signs are kept in memory."""
    right = [row for row in rows if len(row[2]) == _BYTES * dimension]
    content = b"".join(vector for _seq, _file_id, vector in right)
    file.write(content)
    vectors = np.frombuffer(content, dtype=np.float32).reshape(-1, dimension)
    part = part_of(vectors, [seq for seq, _file_id, _vector in right], [owners[file_id] for _, file_id, _ in right])
    return replace(part, matrix=nothing(dimension).matrix)


def _mapped(file: IO[bytes], shape: tuple[int, int]) -> Vectors:
    matrix: Vectors = np.memmap(file, dtype=np.float32, mode="r", shape=shape) if shape[0] else np.empty(shape, "f4")
    return matrix


def _signs(vectors: Vectors) -> NDArray[np.uint64]:
    """Return whether each number is above zero, as bits of 64-bit words: a row for each word, a column a vector."""
    bits = np.packbits(vectors > 0, axis=1)
    padded = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8)))
    return np.ascontiguousarray(padded.view(np.uint64).T)

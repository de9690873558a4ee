"""Finding passages in vector stores: ranks by words and by meaning, joined, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.store import chunks
from app.engine.tools.file_search.filters import passes
from app.engine.vector_stores import require_alive, touch
from app.wire.vector_stores import ContentPart, SearchFilter, SearchRequest, SearchResult, SearchResults

_CANDIDATES = 100
_FILTERED_CANDIDATES = 5_000
"""A filter decides after the ranking, so more is ranked where there is one."""
_RANK_OFFSET = 60
"""The usual constant of reciprocal rank fusion: it keeps a first place from outweighing everything."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found; the score is 1 for what every ranking puts first."""

    file_id: str
    filename: str
    score: float
    text: str
    page: int | None
    attributes: dict[str, Any]


async def search_store(engine: Engine, store_id: str, body: SearchRequest) -> SearchResults:
    """Search one store; raises `NotFound`, and `Conflict` when it has expired."""
    queries = [body.query] if isinstance(body.query, str) else body.query

    def begin(connection: Connection) -> None:
        require_alive(connection, store_id, engine.now())
        touch(connection, [store_id], engine.now())

    await engine.database.write(begin)
    threshold = body.ranking_options.score_threshold if body.ranking_options else 0.0
    found = await find_passages(
        engine, [store_id], queries, limit=body.max_num_results, threshold=threshold, wanted=body.filters
    )
    return SearchResults(search_query=queries, data=[_result(passage) for passage in found])


async def find_passages(
    engine: Engine,
    store_ids: Sequence[str],
    queries: Sequence[str],
    *,
    limit: int,
    threshold: float = 0.0,
    wanted: SearchFilter | None = None,
) -> list[Passage]:
    """Return the best passages of the stores, best first."""
    most = _CANDIDATES if wanted is None else _FILTERED_CANDIDATES
    by_meaning = [await _rank_by_meaning(engine, store_ids, query, most) for query in queries]

    def read(connection: Connection) -> list[Passage]:
        by_words = [chunks.find_by_words(connection, store_ids, query, most) for query in queries]
        rankings = [*by_meaning, *by_words]
        scores = fuse(rankings)
        return _passages(connection, scores, limit, threshold, wanted)

    return await engine.database.read(read)


async def _rank_by_meaning(engine: Engine, store_ids: Sequence[str], query: str, limit: int) -> list[int]:
    if engine.vectors is None:
        return []
    found = [pair for store_id in store_ids for pair in await engine.vectors.rank(store_id, query, limit)]
    return [seq for _similarity, seq in sorted(found, key=lambda pair: -pair[0])[:limit]]


def fuse(rankings: Sequence[Sequence[int]]) -> dict[int, float]:
    """Join rankings by reciprocal rank; the best possible score is 1."""
    used = [ranking for ranking in rankings if ranking]
    scores: dict[int, float] = {}
    for ranking in used:
        for place, seq in enumerate(ranking):
            scores[seq] = scores.get(seq, 0.0) + (_RANK_OFFSET + 1) / (_RANK_OFFSET + 1 + place) / len(used)
    return scores


def _passages(
    connection: Connection, scores: dict[int, float], limit: int, threshold: float, wanted: SearchFilter | None
) -> list[Passage]:
    ordered = sorted((seq for seq, score in scores.items() if score >= threshold), key=lambda seq: (-scores[seq], seq))
    found: list[Passage] = []
    for start in range(0, len(ordered), _CANDIDATES):
        part = ordered[start : start + _CANDIDATES]
        read = chunks.read_chunks(connection, part)
        found += [
            _passage(read[seq], scores[seq]) for seq in part if seq in read and passes(read[seq]["attributes"], wanted)
        ]
        if len(found) >= limit:
            break
    return found[:limit]


def _passage(chunk: dict[str, Any], score: float) -> Passage:
    return Passage(
        chunk["file_id"], chunk["filename"], round(score, 6), chunk["text"], chunk["page"], chunk["attributes"]
    )


def _result(passage: Passage) -> SearchResult:
    return SearchResult(
        file_id=passage.file_id,
        filename=passage.filename,
        score=passage.score,
        attributes=passage.attributes,
        content=[ContentPart(text=passage.text)],
    )

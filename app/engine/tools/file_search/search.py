"""Finding passages in vector stores: ranks by words and by meaning, joined, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio
from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.store import chunks
from app.engine.store.words import rank_by_words
from app.engine.tools.file_search.filters import passes
from app.engine.tools.file_search.rewriting import rewrite
from app.engine.vector_stores import require_alive, touch
from app.wire.vector_stores import ContentPart, SearchFilter, SearchRequest, SearchResult, SearchResults

_CANDIDATES = 100
_RANK_OFFSET = 10
"""Keeps a first place from outweighing everything; with the usual 60 the set of `benchmarks/` is found less well."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found; the score is 1 for what every ranking puts first."""

    file_id: str
    filename: str
    score: float
    text: str
    page: int | None
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for in which stores; without `is_fused` meaning alone ranks where there are vectors."""

    store_ids: Sequence[str]
    queries: Sequence[str]
    limit: int
    threshold: float = 0.0
    wanted: SearchFilter | None = None
    is_fused: bool = True


@dataclass(slots=True)
class _Rankings:
    """Numbers of chunks, best first, of each query."""

    by_meaning: list[list[int]] = field(default_factory=list)
    by_words: list[list[int]] = field(default_factory=list)

    def used(self, *, is_fused: bool) -> list[list[int]]:
        is_meaning_enough = not is_fused and any(self.by_meaning)
        return self.by_meaning if is_meaning_enough else [*self.by_meaning, *self.by_words]


async def search_store(engine: Engine, store_id: str, body: SearchRequest) -> SearchResults:
    """Search one store; raises `NotFound`, and `Conflict` when it has expired."""
    queries = [body.query] if isinstance(body.query, str) else body.query

    def begin(connection: Connection) -> None:
        require_alive(connection, store_id, engine.now())
        touch(connection, [store_id], engine.now())

    await engine.database.write(begin)
    if body.rewrite_query:
        queries = await rewrite(engine.models, queries)
    ranking = body.ranking_options
    search = Search(
        [store_id],
        queries,
        body.max_num_results,
        ranking.score_threshold if ranking else 0.0,
        body.filters,
        is_fused=ranking is None or ranking.ranker != "none",
    )
    found = await find_passages(engine, search)
    return SearchResults(search_query=queries, data=[_result(passage) for passage in found])


async def find_passages(engine: Engine, search: Search) -> list[Passage]:
    """Return the best passages of the stores, best first."""
    allowed = None if search.wanted is None else await _allowed(engine, search)
    found, is_any_hidden = await _find(engine, search, allowed)
    if is_any_hidden and len(found) < search.limit:
        # What is deleted or not read to its end has taken the places of what may be seen.
        found, _ = await _find(engine, search, await _allowed(engine, search))
    return found


async def _find(engine: Engine, search: Search, allowed: list[str] | None) -> tuple[list[Passage], bool]:
    """Return the best passages, and whether others could have been among them that may not be seen."""
    scores = fuse((await _rank(engine, search, allowed)).used(is_fused=search.is_fused))
    best = [seq for seq, score in scores.items() if score >= search.threshold]
    best.sort(key=lambda seq: (-scores[seq], seq))
    found = await engine.database.read(partial(_passages, ordered=best, scores=scores, limit=search.limit))
    return found, len(found) < len(best[: search.limit])


async def _allowed(engine: Engine, search: Search) -> list[str]:
    """Return which files of the stores may be found: those that are read and pass the filter."""
    attributes = await engine.database.read(partial(chunks.read_attributes, store_ids=search.store_ids))
    return [file_id for file_id, found in attributes.items() if passes(found, search.wanted)]


async def _rank(engine: Engine, search: Search, allowed: list[str] | None) -> _Rankings:
    """Rank by words and by meaning at the same time."""
    rankings = _Rankings([[] for _ in search.queries], [[] for _ in search.queries])

    async def by_meaning(place: int, query: str) -> None:
        if engine.vectors is not None:
            rankings.by_meaning[place] = await engine.vectors.rank(search.store_ids, query, _CANDIDATES, allowed)

    async def by_words(place: int, query: str) -> None:
        unit = partial(rank_by_words, store_ids=search.store_ids, query=query, limit=_CANDIDATES, allowed=allowed)
        rankings.by_words[place] = await engine.database.read(unit)

    async with anyio.create_task_group() as tasks:
        for place, query in enumerate(search.queries):
            tasks.start_soon(by_meaning, place, query)
            tasks.start_soon(by_words, place, query)
    return rankings


def fuse(rankings: Sequence[Sequence[int]]) -> dict[int, float]:
    """Join rankings by reciprocal rank; the best possible score is 1."""
    used = [ranking for ranking in rankings if ranking]
    scores: dict[int, float] = {}
    for ranking in used:
        for place, seq in enumerate(ranking):
            scores[seq] = scores.get(seq, 0.0) + (_RANK_OFFSET + 1) / (_RANK_OFFSET + 1 + place) / len(used)
    return scores


def _passages(connection: Connection, ordered: Sequence[int], scores: dict[int, float], limit: int) -> list[Passage]:
    """Read no more texts than are wanted, unless some may not be seen."""
    found: list[Passage] = []
    for start in range(0, len(ordered), limit):
        part = ordered[start : start + limit]
        read = chunks.read_chunks(connection, part)
        found += [_passage(read[seq], scores[seq]) for seq in part if seq in read]
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

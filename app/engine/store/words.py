"""Ranking chunks by words, over no more of them than a search has time for; each database ranks its own way.

A word that very many chunks hold costs the most and tells the least. So the rarest words choose the chunks, as many as
fit a budget; more frequent words only rank what was chosen, and the most frequent are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, TextClause, select, text

from app.engine.store import tables

_WORD = re.compile(r"\w+")
_MOST_WORDS = 32
_BUDGETS = {"sqlite": (2_000, 20_000), "postgresql": (500, 2_500)}
"""The fewest and the most chunks that are ranked: 1 µs each in SQLite, 15 µs in PostgreSQL, which unpacks them."""
_BUDGET_SHARE = 0.02
_FREQUENT_SHARE = 0.1
# fmt: off
_STOP_WORDS = frozenset(
    [
        "a", "an", "and", "are", "as", "at", "be", "by", "did", "do", "does", "for", "from", "has", "have", "how",
        "i", "in", "is", "it", "of", "on", "or", "that", "the", "this", "to", "was", "were", "what", "when", "where",
        "which", "who", "why", "will", "with", "you", "your",
    ]
)
# fmt: on

Ranking = list[tuple[float, int]]
"""Scores and numbers of chunks, best first; scores of different queries have nothing in common."""


@dataclass(frozen=True, slots=True)
class _Range:
    """The chunks of one store, and how many of them a search may rank."""

    first: int
    last: int
    budget: int
    frequent: int


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a search looks for: chunks with any of `rare` or all of `together`, ranked by `helping` words too."""

    rare: Sequence[str] = ()
    helping: Sequence[str] = ()
    together: Sequence[str] = ()


def rank_by_words(
    connection: Connection, store_ids: Sequence[str], query: str, limit: int, allowed: Sequence[str] | None = None
) -> list[int]:
    """Return the numbers of the chunks that hold the query's words, best first; any word counts.

    `allowed` are the ids of the files in stores that may be found, None stands for all.
    """
    words = search_words(query)
    if connection.dialect.name == "postgresql":
        connection.execute(_USE_INDEX)
    files = None if allowed is None else list(allowed)
    found: Ranking = []
    for store in _ranges(connection, store_ids) if words else ():
        found += _rank(connection, store, words, limit, files)
    return [seq for _score, seq in sorted(found, key=lambda pair: (-pair[0], pair[1]))[:limit]]


def search_words(query: str) -> list[str]:
    """Return the words that a search looks for, once each; words that every text has are left out."""
    words = list(dict.fromkeys(_WORD.findall(query.lower())))
    return ([word for word in words if word not in _STOP_WORDS] or words)[:_MOST_WORDS]


def _ranges(connection: Connection, store_ids: Sequence[str]) -> list[_Range]:
    store = tables.vector_stores.c
    rows = connection.execute(select(store.seq, store.last_chunk).where(store.id.in_(store_ids)))
    fewest, most = _BUDGETS[connection.dialect.name]
    return [_range(seq * tables.CHUNKS_OF_A_STORE, count, fewest, most) for seq, count in rows]


def _range(first: int, count: int, fewest: int, most: int) -> _Range:
    budget = min(max(fewest, int(count * _BUDGET_SHARE)), most)
    return _Range(first, first + count, budget, max(budget, int(count * _FREQUENT_SHARE)))


def _rank(
    connection: Connection, store: _Range, words: Sequence[str], limit: int, files: Sequence[str] | None
) -> Ranking:
    """Rank one store's chunks."""
    counted = sorted(zip(_count(connection, store, words, files), words, strict=True))
    found: dict[int, float] = {}
    for choice in _choices([(count, word) for count, word in counted if count], store):
        for score, seq in _carry_out(connection, store, choice, limit, files):
            found.setdefault(seq, score)
        if len(found) >= limit:
            break
    return [(score, seq) for seq, score in found.items()]


def _choices(counted: Sequence[tuple[int, str]], store: _Range) -> list[_Choice]:
    """Return what to look for, and what else where that finds too little; counts are in ascending order."""
    rare: list[str] = []
    left = store.budget
    for count, word in counted:
        left -= count
        if left < 0:
            break
        rare.append(word)
    others = counted[len(rare) :]
    if rare:
        return [_Choice(rare=rare, helping=[word for count, word in others if count < store.frequent])]
    frequent = [word for _count, word in others]
    return [_Choice(together=frequent[:most]) for most in sorted({len(frequent), 2, 1}, reverse=True) if frequent]


def _count(connection: Connection, store: _Range, words: Sequence[str], files: Sequence[str] | None) -> list[int]:
    """Return how many chunks hold each word; what is frequent is not counted further."""
    values: dict[str, Any] = {"first": store.first, "last": store.last, "most": store.frequent}
    if connection.dialect.name == "sqlite":
        values |= {f"word{place}": f'"{word}"' for place, word in enumerate(words)}
    else:
        values |= {f"word{place}": f"'{word}'" for place, word in enumerate(words)}
    query = _count_query(connection.dialect.name, len(words), is_filtered=files is not None)
    rows = connection.execute(query, values | _files(connection, files))
    return [int(count) for _place, count in sorted(tuple(row) for row in rows)]


def _carry_out(
    connection: Connection, store: _Range, choice: _Choice, limit: int, files: Sequence[str] | None
) -> Ranking:
    is_sqlite = connection.dialect.name == "sqlite"
    values = {"first": store.first, "last": store.last, "budget": store.budget, "limit": limit}
    words = _sqlite_words(choice) if is_sqlite else _postgresql_words(choice)
    query = _rank_query(connection.dialect.name, is_filtered=files is not None)
    rows = connection.execute(query, values | words | _files(connection, files))
    return [(float(score), int(seq)) for score, seq in rows]


def _sqlite_words(choice: _Choice) -> dict[str, str]:
    if choice.together:
        return {"words": " AND ".join(f'"{word}"' for word in choice.together)}
    rare = " OR ".join(f'"{word}"' for word in choice.rare)
    if not choice.helping:
        return {"words": rare}
    helping = " OR ".join(f'"{word}"' for word in choice.helping)
    return {"words": f"({rare}) AND ({rare} OR {helping})"}


def _postgresql_words(choice: _Choice) -> dict[str, str]:
    if choice.together:
        together = " & ".join(f"'{word}'" for word in choice.together)
        return {"words": together, "ranking": together}
    rare = " | ".join(f"'{word}'" for word in choice.rare)
    return {"words": rare, "ranking": " | ".join(f"'{word}'" for word in (*choice.rare, *choice.helping))}


def _files(connection: Connection, files: Sequence[str] | None) -> dict[str, Any]:
    if files is None:
        return {}
    return {"files": json.dumps(list(files)) if connection.dialect.name == "sqlite" else list(files)}


_ALLOWED = {
    "sqlite": "AND +rowid IN (SELECT seq FROM chunks WHERE store_file_id IN (SELECT value FROM json_each(:files)))",
    "postgresql": "AND store_file_id = ANY(:files)",
}
# PostgreSQL's planner takes unpacking every chunk's words for cheap, and would rather read a store from end to end.
_USE_INDEX = text("SET LOCAL enable_seqscan = off")
_COUNT = {
    "sqlite": """SELECT <place>, count(*) FROM (SELECT 1 FROM chunk_words
        WHERE chunk_words MATCH :word<place> AND rowid BETWEEN :first AND :last <allowed> LIMIT :most) AS found""",
    "postgresql": """SELECT <place>, count(*) FROM (SELECT 1 FROM chunks
        WHERE chunk_words @@ to_tsquery('english', :word<place>) AND seq + 0 BETWEEN :first AND :last <allowed>
        LIMIT :most) AS found""",
}
_RANK = {
    "sqlite": """SELECT score, rowid FROM (SELECT rowid, -bm25(chunk_words) AS score FROM chunk_words
        WHERE chunk_words MATCH :words AND rowid BETWEEN :first AND :last <allowed> LIMIT :budget)
        ORDER BY score DESC, rowid LIMIT :limit""",
    "postgresql": """SELECT ts_rank_cd(chunk_words, to_tsquery('english', :ranking), 1) AS score, seq
        FROM (SELECT seq, chunk_words FROM chunks WHERE chunk_words @@ to_tsquery('english', :words)
        AND seq + 0 BETWEEN :first AND :last <allowed> LIMIT :budget) AS chosen
        ORDER BY score DESC, seq LIMIT :limit""",
}


@cache
def _count_query(dialect: str, words: int, *, is_filtered: bool) -> TextClause:
    one = _COUNT[dialect].replace("<allowed>", _ALLOWED[dialect] if is_filtered else "")
    return text(" UNION ALL ".join(one.replace("<place>", str(place)) for place in range(words)))


@cache
def _rank_query(dialect: str, *, is_filtered: bool) -> TextClause:
    return text(_RANK[dialect].replace("<allowed>", _ALLOWED[dialect] if is_filtered else ""))

"""Carrying out file search calls: which stores a run searches, and the numbered passages its model may cite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio
from sqlalchemy import Connection, Table

from app.engine.engine import Engine
from app.engine.execution.annotations import Citation
from app.engine.execution.context import estimate_tokens
from app.engine.execution.tool_step import WrittenCall
from app.engine.retrieval import find_own_store
from app.engine.store import rows, tables
from app.engine.store_files import is_being_read
from app.engine.tools.file_search.search import Passage, Search, find_passages
from app.engine.vector_stores import require_alive, touch
from app.wire.runs import Run

_WAIT_SECONDS = 60.0
"""As the hosted services wait for the files of a thread's own store."""
_LOOK_SECONDS = 0.1
_FIRST_NUMBER = 4
"""Where the hosted services began to number searches; the model's examples are full of it."""
_MOST_RESULTS = 20
_MOST_QUERIES = 8
_LONGEST_QUERY = 4096
_MOST_TOKENS = 16_000
_WINDOW_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Library:
    """The vector stores that a run searches, and those whose files it waits for, as nobody else has.

    These are the thread's, and the one that v1's `retrieval` made.
    """

    store_ids: tuple[str, ...] = ()
    awaited_ids: tuple[str, ...] = ()


class SearchCalls:
    """Searches for one run, and remembers what was found for the citations of its messages."""

    def __init__(self, engine: Engine, run: Run, library: Library, earlier: Iterable[rows.Row], window: int) -> None:
        self._engine = engine
        self._run_id = run.id
        self._store_ids = library.store_ids
        self._options = next((tool.get("file_search") or {} for tool in run.tools if tool["type"] == "file_search"), {})
        self._token_budget = min(_MOST_TOKENS, int(window * _WINDOW_SHARE))
        self._next_number = _FIRST_NUMBER
        self.marks: dict[str, Citation] = {}
        for step in earlier:
            for search in _searches_of(step):
                self._remember(search, step["run_id"], step["id"])

    async def carry_out(self, call: WrittenCall, step_id: str) -> None:
        """Search, and put what was found into the call."""
        queries = _queries(call.arguments)
        ranking = self._options.get("ranking_options") or {}
        threshold = float(ranking.get("score_threshold", 0.0))
        limit = self._options.get("max_num_results") or _MOST_RESULTS
        found = await find_passages(self._engine, Search(self._store_ids, queries, limit, threshold))
        number = self._next_number
        call.search = {
            "ranking_options": {"ranker": "default_2024_08_21", "score_threshold": threshold},
            "queries": queries,
            "results": [_result(f"{number}:{place}", one) for place, one in enumerate(self._affordable(found))],
        }
        self._remember(call.search, self._run_id, step_id)
        self._next_number = number + 1

    def _affordable(self, found: Sequence[Passage]) -> Sequence[Passage]:
        """Return as many of the best passages as the model has room for, at least one."""
        left = self._token_budget
        for count, passage in enumerate(found):
            left -= estimate_tokens(passage.text)
            if left < 0:
                return found[: max(count, 1)]
        return found

    def _remember(self, search: dict[str, Any], run_id: str, step_id: str) -> None:
        for result in search.get("results", ()):
            mark = str(result.get("mark", ""))
            text = "".join(part["text"] for part in result.get("content", ()))
            name, page = result["file_name"], result.get("page")
            self.marks[mark] = Citation(result["file_id"], name, page, text, run_id, step_id, mark)
            self._next_number = max(self._next_number, int(mark.partition(":")[0] or 0) + 1)


async def open_library(engine: Engine, run: Run, wait_seconds: float = _WAIT_SECONDS) -> Library:
    """Return the stores that a run searches, once the files it waits for are completed or the time has passed.

    Raises `Conflict` when a store has expired.
    """
    if not any(tool["type"] == "file_search" for tool in run.tools):
        return Library()
    library = await engine.database.write(lambda connection: _find_library(engine, connection, run))
    with anyio.move_on_after(wait_seconds):
        # Another process may be the one that reads, so only the database tells.
        since = engine.now() - int(_WAIT_SECONDS)
        is_worth_waiting = partial(is_being_read, store_ids=library.awaited_ids, since=since)
        while await engine.database.read(is_worth_waiting):  # noqa: ASYNC110
            await anyio.sleep(_LOOK_SECONDS)
    return library


def _find_library(engine: Engine, connection: Connection, run: Run) -> Library:
    of_assistant = _attached(connection, tables.assistants, run.assistant_id)
    of_thread = _attached(connection, tables.threads, run.thread_id)
    together = tuple(dict.fromkeys((*of_assistant, *of_thread)))
    for store_id in together:
        require_alive(connection, store_id, engine.now())
    touch(connection, together, engine.now())
    own = find_own_store(connection, run.assistant_id)
    return Library(together, tuple(one for one in together if one in of_thread or one == own))


def _attached(connection: Connection, table: Table, owner_id: str) -> tuple[str, ...]:
    """Return the stores attached to an assistant or thread that are still there."""
    row = rows.get_row(connection, table, owner_id)
    named = (row["tool_resources"].get("file_search") or {}).get("vector_store_ids", []) if row else []
    return tuple(one for one in named if rows.get_row(connection, tables.vector_stores, one) is not None)


def _searches_of(step: rows.Row) -> list[dict[str, Any]]:
    """Return what the file search calls of a stored step found."""
    calls = step["step_details"]["tool_calls"]
    return [call["file_search"] for call in calls if call["type"] == "file_search"]


def _queries(arguments: str) -> list[str]:
    """Return what the model searches for, however it wrote that down."""
    try:
        given = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return [arguments[:_LONGEST_QUERY]]
    asked = (given.get("queries") or given.get("query") or list(given.values())) if isinstance(given, dict) else given
    found = [str(one) for one in (asked if isinstance(asked, list) else [asked]) if str(one).strip()]
    return [one[:_LONGEST_QUERY].encode(errors="replace").decode() for one in found[:_MOST_QUERIES]]


def _result(mark: str, passage: Passage) -> dict[str, Any]:
    return {
        "file_id": passage.file_id,
        "file_name": passage.filename,
        "score": passage.score,
        "content": [{"type": "text", "text": passage.text}],
        "mark": mark,
        "page": passage.page,
    }

"""The list of threads, which the hosted services did not have."""

from __future__ import annotations

from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.store import rows, thread_summaries
from app.wire.pages import Page, page_of
from app.wire.thread_summaries import ThreadSummary

_TITLE_CHARACTERS = 120


async def list_threads(
    engine: Engine, cursor: rows.Cursor, query: str | None, *, has_messages: bool
) -> Page[ThreadSummary]:
    """Return one page of the threads, of those that hold a message or the text of `query` where that is asked for."""

    def read(connection: Connection) -> list[ThreadSummary]:
        found = thread_summaries.list_threads(connection, cursor, query, has_messages=has_messages)
        ids = [row["id"] for row in found]
        texts, runs = thread_summaries.first_texts(connection, ids), thread_summaries.last_runs(connection, ids)
        return [
            ThreadSummary.model_validate(
                {**row, "title": _title(texts.get(row["id"])), "last_run": runs.get(row["id"])}
            )
            for row in found
        ]

    return page_of(await engine.database.read(read), cursor.limit)


def _title(text: str | None) -> str | None:
    """Return the beginning of a message on one line."""
    line = " ".join((text or "")[: 4 * _TITLE_CHARACTERS].split())
    return (line or None) if len(line) <= _TITLE_CHARACTERS else f"{line[: _TITLE_CHARACTERS - 1]}…"

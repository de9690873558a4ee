"""Gathers what the logs pane shows: a first page, older ones, and what came since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.playground.views.log_rows import log_row
from app.playground.views.log_runs import run_block

if TYPE_CHECKING:
    from app.playground.logs.log_choice import LogChoice
    from app.playground.session import Session
    from app.playground.views.log_rows import LogRow
    from app.playground.views.log_runs import RunBlock

ROWS: Final = 200
_BLOCKS: Final = 20


async def log_context(session: Session, choice: LogChoice) -> dict[str, object]:
    """Return what the pane's templates need for the newest entries."""
    cursor = await session.journal.last_number()
    shown = await page(session, choice, before=cursor + 1)
    return {"choice": choice, "cursor": cursor, "chat_id": session.chat.id, **shown}


async def page(session: Session, choice: LogChoice, before: int) -> dict[str, object]:
    """Return one page of entries below a number, and the number that the next older page ends below."""
    wanted = choice.wanted(session)
    if choice.view == "activity":
        found = await session.journal.reader.run_ids(wanted, _BLOCKS + 1, before)
        kept = found[-_BLOCKS:]
        older = kept[0][1] if len(found) > _BLOCKS else 0
        return {"blocks": await _blocks(session, kept), "rows": [], "older": older}
    entries = await session.journal.reader.newest(wanted, ROWS + 1, before)
    kept_entries = entries[-ROWS:]
    older = kept_entries[0].number if len(entries) > ROWS else 0
    return {"blocks": [], "rows": [log_row(entry) for entry in kept_entries], "older": older}


async def new_rows(session: Session, choice: LogChoice, after: int, until: int) -> list[LogRow]:
    """Return the rows that are new since a number, or have changed, up to another number."""
    wanted = choice.wanted(session, until)
    return [log_row(entry) for entry in await session.journal.reader.changes(wanted, after, ROWS + 1)]


async def new_blocks(session: Session, choice: LogChoice, after: int, until: int) -> list[RunBlock]:
    """Return the runs of which something happened since a number, up to another number."""
    wanted = choice.wanted(session, until)
    return await _blocks(session, await session.journal.reader.changed_run_ids(wanted, after, ROWS + 1))


async def _blocks(session: Session, runs: list[tuple[str, int]]) -> list[RunBlock]:
    events = await session.journal.reader.events_of_runs([run_id for run_id, _ in runs])
    names = session.conversation.names
    return [run_block(run_id, first, events[run_id], names) for run_id, first in runs if events[run_id]]

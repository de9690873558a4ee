"""Routes of the logs pane: its list by the chosen filter, what is new, what is older, details, copies, downloads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse

from app.connections.principal import current_principal
from app.errors import NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.logs.har import archive
from app.playground.logs.log_choice import ChoiceDep
from app.playground.logs.log_pages import ROWS, log_context, new_blocks, new_rows, page
from app.playground.logs.snippets import Language, snippet
from app.playground.views.log_detail import as_json, detail_view

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.journal.entry import Entry
    from app.playground.logs.log_choice import LogChoice
    from app.playground.playground import Playground
    from app.playground.rendering import Partial
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/logs")


@router.get("")
async def show_logs(session: SessionDep, playground: PlaygroundDep, choice: ChoiceDep) -> HTMLResponse:
    """Show the newest entries that match, and keep the choice in this browser."""
    return await _list(playground, session, choice)


@router.get("/clear")
async def clear_logs(
    session: SessionDep, playground: PlaygroundDep, choice: ChoiceDep, undo: Literal["", "true"] = ""
) -> HTMLResponse:
    """Hide what is there so far from this browser, or show it again; nothing is deleted."""
    floor = 0 if undo else await session.journal.last_number()
    return await _list(playground, session, replace(choice, floor=floor))


@router.get("/older")
async def older_logs(
    session: SessionDep, playground: PlaygroundDep, choice: ChoiceDep, before: Annotated[int, Query(ge=1)]
) -> HTMLResponse:
    """Put the next older entries above those that are shown."""
    context = {"choice": choice, "chat_id": session.chat.id, **await page(session, choice, before)}
    button = playground.renderer.render("parts/logs/older.html", **context)
    place = ("#log-rows", "afterbegin", "parts/logs/rows.html")
    return HTMLResponse(button + playground.renderer.partials([place], **context))


@router.get("/new")
async def new_logs(
    session: SessionDep,
    playground: PlaygroundDep,
    choice: ChoiceDep,
    after: Annotated[int, Query(ge=0)] = 0,
    paused: Literal["", "1"] = "",
) -> HTMLResponse:
    """Send what came since a number, each row to its place; while the logs are paused, only how many they are."""
    if paused:
        count = await session.journal.reader.count_new(choice.wanted(session), after)
        place = ("#log-news", "outerHTML", "parts/logs/news.html")
        return HTMLResponse(playground.renderer.partials([place], count=count))
    cursor = await session.journal.last_number()
    rows = await new_rows(session, choice, after, cursor) if choice.view == "wire" else []
    blocks = await new_blocks(session, choice, after, cursor) if choice.view == "activity" else []
    if len(rows) > ROWS or len(blocks) > ROWS:
        context = await log_context(session, choice)
        return HTMLResponse(
            playground.renderer.partials([("#log-list", "outerHTML", "parts/logs/list.html")], **context)
        )
    context = {"chat_id": session.chat.id, "choice": choice, "cursor": cursor, "count": 0}
    partials = playground.renderer.partials
    parts = [partials([_row_place(row.number, row.key, after)], row=row, **context) for row in rows]
    parts += [partials([_block_place(block.first, block.key, after)], block=block, **context) for block in blocks]
    places = [
        ("#log-cursor", "outerHTML", "parts/logs/cursor.html"),
        ("#log-news", "outerHTML", "parts/logs/news.html"),
    ]
    return HTMLResponse("".join(parts) + partials(places, **context))


@router.get("/entries/{number}")
async def show_entry(session: SessionDep, playground: PlaygroundDep, number: int) -> HTMLResponse:
    """Show what unfolds below a row."""
    detail = detail_view(await session.journal.entry(number, current_principal() or ""))
    context = {"detail": detail, "events": detail.events, "chat_id": session.chat.id}
    return HTMLResponse(playground.renderer.render("parts/logs/detail.html", **context))


@router.get("/entries/{number}/events")
async def follow_entry(
    session: SessionDep, playground: PlaygroundDep, number: int, after: Annotated[int, Query(ge=0)] = 0
) -> HTMLResponse:
    """Append the events of a stream that came since; at its end, show the whole call."""
    detail = detail_view(await session.journal.entry(number, current_principal() or ""))
    context = {"detail": detail, "chat_id": session.chat.id}
    if not detail.is_running:
        whole = (f"#log-detail-{number}", "outerMorph", "parts/logs/detail.html")
        return HTMLResponse(playground.renderer.partials([whole], events=detail.events, **context))
    places = [
        (f"#log-events-{number}", "beforeend", "parts/logs/events.html"),
        (f"#log-count-{number}", "outerHTML", "parts/logs/event_count.html"),
    ]
    news = playground.renderer.partials(places, events=detail.events[after:], **context)
    return HTMLResponse(playground.renderer.render("parts/logs/follow.html", **context) + news)


@router.get("/entries/{number}/copy/{language}")
async def copy_entry(request: Request, session: SessionDep, number: int, language: Language) -> PlainTextResponse:
    """Return a call as JSON, or as a program that makes it again."""
    entry = await session.journal.reader.entry(number, current_principal() or "")
    if entry.kind != "exchange":
        raise NotFound("Only calls can be copied as a program.")
    return PlainTextResponse(snippet(entry, language, _address(request, session)))


@router.get("/download/{form}")
async def download_logs(
    request: Request, session: SessionDep, choice: ChoiceDep, form: Literal["jsonl", "har"]
) -> StreamingResponse:
    """Download all entries that match, with their bodies."""
    wanted = choice.wanted(session)
    if choice.view == "activity":
        wanted = replace(wanted, state="")  # There it is the runs' state.
    entries = session.journal.reader.export(wanted)
    lines = archive(entries, _address(request, session)) if form == "har" else _lines(entries)
    headers = {"Content-Disposition": f'attachment; filename="logs.{form}"', "Cache-Control": "no-store"}
    media_type = "application/json" if form == "har" else "application/jsonl"
    return StreamingResponse(lines, media_type=media_type, headers=headers)


async def _list(playground: Playground, session: Session, choice: LogChoice) -> HTMLResponse:
    context = await log_context(session, choice)
    response = HTMLResponse(playground.renderer.render("parts/logs/list.html", **context))
    choice.remember(response)
    return response


async def _lines(entries: AsyncIterator[Entry]) -> AsyncIterator[str]:
    async for entry in entries:
        yield as_json(entry) + "\n"


def _row_place(number: int, key: str, after: int) -> Partial:
    """Return where a row goes: one that changed has its place, if the page shows it; its detail stays as it is."""
    if number <= after:
        return f"#{key}-line", "outerMorph", "parts/logs/line.html"
    return "#log-rows", "beforeend", "parts/logs/row.html"


def _block_place(first: int, key: str, after: int) -> Partial:
    if first <= after:
        return f"#{key}", "outerMorph", "parts/logs/run.html"
    return "#log-rows", "beforeend", "parts/logs/run.html"


def _address(request: Request, session: Session) -> str:
    """Return where the calls went: this server, or the connected resource."""
    return session.connection.origin if session.connection.is_remote else str(request.base_url)

"""Routes that move what another service keeps to the built-in engine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse

from app.connections.connection import BUILT_IN
from app.connections.move.mover import Mover, Wanted
from app.errors import Forbidden, InvalidRequest
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.views.move import move_view

if TYPE_CHECKING:
    from app.playground.playground import Playground

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/move")

Name = Annotated[str, Query(max_length=200)]
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_MOST_IDS: Final = 1000


@router.get("")
async def show_move(session: SessionDep, playground: PlaygroundDep, name: Name = "") -> HTMLResponse:
    """Show what would be moved, or how the last move stands."""
    await playground.services.connections.learn(name)
    return _answer(playground, session.chat.id, name, "sheet")


@router.post("")
async def start_move(
    session: SessionDep,
    playground: PlaygroundDep,
    name: Annotated[str, Form(max_length=200)] = "",
    thread_ids: Annotated[str, Form(max_length=200_000)] = "",
    *,
    assistants: Annotated[bool, Form()] = False,
    listed_threads: Annotated[bool, Form()] = False,
) -> HTMLResponse:
    """Begin a move, or go on with an earlier one."""
    connections = playground.services.connections
    connection = connections.get(name)
    if playground.services.moves is None or not connection.is_remote:
        raise Forbidden("Only what another service keeps can be moved.")
    wanted = Wanted(_ids(thread_ids), assistants=assistants, listed_threads=listed_threads)
    target = connections.client(BUILT_IN.name)
    abilities = connections.abilities(name)
    mover = Mover(connections.client(name), connection, abilities, target, playground.services.moves)
    playground.movers.start(mover, wanted)
    return _answer(playground, session.chat.id, name, "sheet")


@router.get("/progress")
async def show_progress(session: SessionDep, playground: PlaygroundDep, name: Name = "") -> HTMLResponse:
    """Show how far the move is."""
    return _answer(playground, session.chat.id, name, "progress")


def _answer(playground: Playground, chat_id: str, name: str, part: str) -> HTMLResponse:
    connections = playground.services.connections
    connection = connections.get(name)
    report = playground.movers.report(name)
    content = playground.renderer.render(
        f"parts/connections/move_{part}.html",
        name=connection.name,
        lists_threads=connections.abilities(name).lists_threads,
        move=move_view(report) if report else None,
        chat_id=chat_id,
    )
    return HTMLResponse(content, headers={"Cache-Control": "no-store"})


def _ids(text: str) -> list[str]:
    ids = re.split(r"[\s,;]+", text.strip()) if text.strip() else []
    wrong = next((each for each in ids if not _ID.fullmatch(each)), None)
    if wrong is not None:
        raise InvalidRequest(f"'{wrong[:60]}' is no thread id. Write one id a line.")
    if len(ids) > _MOST_IDS:
        raise InvalidRequest(f"At most {_MOST_IDS} threads can be named at once.")
    return ids

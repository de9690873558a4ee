"""Routes of chat sessions: the page itself, and a new one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.errors import NotFound
from app.playground.chat import transcript
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.files.attachments import waiting_attachments
from app.playground.layout import COOKIE as LAYOUT_COOKIE
from app.playground.layout import read_layout
from app.playground.logs.log_choice import remembered
from app.playground.logs.log_pages import log_context
from app.playground.panes import chat_context, setup_context

if TYPE_CHECKING:
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_COOKIE: Final = "chat"
_COOKIE_SECONDS: Final = 365 * 24 * 3600
_OFFLINE: Final = {
    "id": "offline-notice",
    "title": "The server does not answer",
    "text": "What you typed is kept. Try again in a moment.",
}


@router.get("/")
async def open_playground(request: Request, playground: PlaygroundDep) -> RedirectResponse:
    """Go to the chat session that this browser showed last, or begin one."""
    try:
        session = await playground.session(request.cookies.get(_COOKIE, ""))
    except NotFound:
        session = await playground.begin()
    return _to_chat(playground, session)


@router.post("/chats")
async def begin_chat(
    request: Request, playground: PlaygroundDep, connection: Annotated[str, Form(max_length=200)] = ""
) -> RedirectResponse:
    """Begin a new chat session on the connection of that name, else on that of the chat that was shown last."""
    if not connection:
        with suppress(NotFound):
            connection = (await playground.session(request.cookies.get(_COOKIE, ""))).connection.name
    return _to_chat(playground, await playground.begin(connection))


@router.get("/chats/{chat_id}")  # noqa: FAST003  SessionDep takes it.
async def show_chat(request: Request, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show the whole page of a chat session."""
    if session.chat.thread_id is None:
        session = await playground.begin_thread(session)
    setup = await setup_context(playground, session)
    await transcript.load(session)
    playground.watchers.resume(session)
    logs = await log_context(session, remembered(request.cookies.get("logs", "")))
    context = (
        setup
        | chat_context(playground, session)
        | logs
        | {
            "attachments": await waiting_attachments(playground, session),
            "offline": _OFFLINE,
            "person": getattr(request.state, "person", None),
            "theme": request.cookies.get("theme", ""),
            "layout": read_layout(request.cookies.get(LAYOUT_COOKIE, "")),
        }
    )
    response = HTMLResponse(playground.renderer.render("pages/playground.html", **context))
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(_COOKIE, session.chat.id, max_age=_COOKIE_SECONDS, httponly=True, samesite="lax")
    return response


def _to_chat(playground: Playground, session: Session) -> RedirectResponse:
    return RedirectResponse(playground.renderer.path("show_chat", chat_id=session.chat.id), 303)
